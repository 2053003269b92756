"use strict";
// Small drawings of estimates: a dot with its interval on a scale, with the band of colleagues and the standard; and months as a line.
// Places are percentages, so a strip is as wide as there is room.
coachline.strip = function (given, range) {
  const { svg } = coachline, [from, to] = range, wide = Math.max(to - from, 1e-9);
  const at = (value) => (3 + 94 * Math.min(Math.max((value - from) / wide, 0), 1)).toFixed(2) + "%";
  const width = (low, high) => (Math.max(parseFloat(at(high)) - parseFloat(at(low)), 0.3)).toFixed(2) + "%";
  const look = given.look ? " look" : given.other ? " other" : "";
  return svg("svg", { class: "strip", width: "100%", height: 22, "aria-hidden": "true" },
    svg("line", { class: "base", x1: "0", x2: "100%", y1: 11, y2: 11 }),
    given.band ? svg("rect", { class: "band", x: at(given.band[0]), width: width(given.band[0], given.band[1]), y: 4, height: 14 }) : null,
    given.middle === undefined || given.middle === null ? null : svg("line", { class: "middle", x1: at(given.middle), x2: at(given.middle), y1: 4, y2: 18 }),
    given.standard === undefined || given.standard === null ? null : svg("line", { class: "standard", x1: at(given.standard), x2: at(given.standard), y1: 1, y2: 21 }),
    svg("line", { class: "interval" + look, x1: at(given.l), x2: at(given.h), y1: 11, y2: 11 }),
    svg("circle", { class: (given.unsure ? "dot unsure" : "dot") + look, cx: at(given.e), cy: 11, r: 4.5 }));
};

// Where a scale begins and ends so that everything drawn on it has room.
coachline.span = function (parts, least) {
  const known = parts.flat().filter((value) => value !== null && value !== undefined);
  const from = Math.min(...known), to = Math.max(...known), room = Math.max((least - (to - from)) / 2, 0);
  return known.length ? [from - room, to + room] : [0, 1];
};

// Both ends of a scale, under its strips.
coachline.ends = function (range, write) {
  return coachline.make("div", { class: "scale", "aria-hidden": "true" }, coachline.make("span", {}, write(range[0])), coachline.make("span", {}, write(range[1])));
};

// Months as a line with its interval, and a second line to compare with.
coachline.months = function (given, write, label) {
  const { svg } = coachline, width = 320, height = 120, left = 8, right = 8, top = 8, bottom = 20;
  const known = given.e.map((value, t) => (value === null ? null : t)).filter((t) => t !== null);
  const beside = given.beside ? given.beside.filter((value) => value !== null) : [];
  const [from, to] = coachline.span([known.map((t) => [given.l[t], given.h[t]]).flat(), beside], given.least || 0);
  const x = (t) => left + (width - left - right) * (given.months.length > 1 ? t / (given.months.length - 1) : 0.5);
  const y = (value) => top + (height - top - bottom) * (1 - (value - from) / (to - from || 1));
  const path = (values) => values.map((value, t) => (value === null ? null : [x(t), y(value)])).filter(Boolean)
    .map(([px, py], step) => (step ? "L" : "M") + px.toFixed(1) + " " + py.toFixed(1)).join("");
  const band = known.map((t) => `${x(t).toFixed(1)} ${y(given.h[t]).toFixed(1)}`).concat(known.slice().reverse().map((t) => `${x(t).toFixed(1)} ${y(given.l[t]).toFixed(1)}`));
  const dots = known.map((t) => svg("circle", { class: "dot", cx: x(t).toFixed(1), cy: y(given.e[t]).toFixed(1), r: 3 }, svg("title", {}, `${given.months[t]}  ${write(given.e[t])}`)));
  const last = given.months.length - 1;
  return svg("svg", { class: "months" + (given.look ? " look" : ""), viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    svg("line", { class: "base", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }),
    band.length ? svg("polygon", { class: "band", points: band.join(" ") }) : null,
    given.beside ? svg("path", { class: "beside", d: path(given.beside) }) : null,
    svg("path", { class: "line", d: path(given.e) }), ...dots,
    svg("text", { x: left, y: height - 5 }, given.months[0]), svg("text", { x: width - right, y: height - 5, "text-anchor": "end" }, given.months[last]),
    ...[0, last].filter((t) => given.e[t] !== null).map((t) => svg("text", { class: "value", x: t ? width - right : left, "text-anchor": t ? "end" : "start",
      y: Math.max(y(given.h[t]) - 5, 10).toFixed(1) }, write(given.e[t]))));
};
