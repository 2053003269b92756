"use strict";
// The cells of the capability matrix: read from the page's data, coloured and put into words, for every picture that shows them.
// An outcome holds its cells by column, agent after agent: b business, n cases, e estimate with l and h, p percent below standard,
// c percent of certainty, v verdict (s strong, m meets, b below, u unknown); whole numbers in steps of 1 / scale.
coachline.capability = function (store) {
  const cell = (part, a, at) => ({ a, b: part.b[at], n: part.n[at], e: part.e[at], l: part.l[at], h: part.h[at], c: part.c[at],
    p: part.p ? part.p[at] : null, v: part.v ? part.v[at] : "u" });
  return {
    store,
    // All cells of an agent, those never seen (n = 0) included where the page has them.
    of_agent(code, a) {
      const part = store.outcomes[code], cells = [];
      for (let at = part.starts[a]; at < part.starts[a + 1]; at += 1) cells.push(cell(part, a, at));
      return cells;
    },
    of_business(code, b) {
      const part = store.outcomes[code], cells = [];
      store.agents.forEach((_, a) => {
        for (let at = part.starts[a]; at < part.starts[a + 1]; at += 1) if (part.b[at] === b && part.n[at]) cells.push(cell(part, a, at));
      });
      return cells;
    },
    short: (b) => store.businesses[b].slice(store.businesses[b].lastIndexOf("/") + 1),
    // How far a cell is above (+) or below (-) its standard, in steps, whichever direction is better.
    above: (code, cell) => store.outcomes[code].sign * (cell.e - store.outcomes[code].standard[cell.b]),
  };
};

// An estimate in its unit, no finer than its interval carries.
coachline.figure = function (part, value, low, high, tools) {
  if (value === null || value === undefined) return tools.words.unknown;
  const real = value / part.scale, half = low === undefined ? 0 : (high - low) / part.scale / 2;
  if (part.unit === "time") return tools.write.seconds(real);
  if (part.unit === "share") return (real * 100).toFixed(half >= 0.025 ? 0 : 1) + "%";
  return real.toFixed(part.unit === "index" ? 0 : half >= 0.1 ? 1 : 2);
};

// A distance in its unit, without sign.
coachline.distance = function (part, size, tools) {
  const real = Math.abs(size) / part.scale;
  if (part.unit === "share") return tools.words.points.replace("{size}", +(real * 100).toFixed(1));
  if (part.unit === "time") return tools.words.seconds.replace("{size}", Math.round(real));
  return tools.words.grades.replace("{size}", +real.toFixed(part.unit === "index" ? 0 : 2));
};

// What a cell says, line by line: for tooltips and for those who hear the page.
coachline.account = function (known, code, cell, tools) {
  const { store } = known, part = store.outcomes[code], words = tools.words;
  const figures = { value: coachline.figure(part, cell.e, cell.l, cell.h, tools), low: coachline.figure(part, cell.l, cell.l, cell.h, tools),
    high: coachline.figure(part, cell.h, cell.l, cell.h, tools) };
  const standard = part.standard[cell.b];
  if (!cell.n) return [words.never_seen, coachline.say(words.guessed, figures)];
  const lines = [part.name + " " + coachline.say(words.estimate, figures), words.n.replace("{n}", tools.write.count(cell.n))];
  if (part.sign) {
    lines.push(store.verdicts[cell.v]);
    if (standard !== null) lines.push(words.standard.replace("{value}", coachline.figure(part, standard, undefined, undefined, tools)));
    if (cell.p !== null) lines.push(words.below.replace("{value}", coachline.chance(cell.p)));
  }
  lines.push(words.certainty.replace("{value}", coachline.chance(cell.c)));
  return lines;
};

coachline.chance = (percent) => (percent < 1 ? "< 1%" : percent > 99 ? "> 99%" : percent + "%");

// Hue by the distance from the standard, depth by certainty. Blue is above, orange below; never red and green.
coachline.shade = function (above, reach, certainty, tools) {
  const hue = Math.min(Math.abs(above) / reach, 1), end = coachline.channels(above < 0 ? tools.orange : tools.blue);
  const colour = coachline.channels(tools.neutral).map((channel, at) => Math.round(channel + hue * (end[at] - channel)));
  // The power keeps apart what the eye would not: most cells lie between 40 and 90 percent.
  return `rgba(${colour.join(",")},${(0.06 + 0.94 * Math.pow(certainty / 100, 1.6)).toFixed(3)})`;
};

coachline.channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
