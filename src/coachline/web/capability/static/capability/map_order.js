"use strict";
// Which rows and columns of the map are shown, and in which order. A line of the map is an agent or the heading of a group.
coachline.map_order = function (store, people, said) {
  const code = Object.keys(store.outcomes)[0], part = store.outcomes[code], name = (a) => (people[store.agents[a]] || ["", ""])[0], team = (a) => (people[store.agents[a]] || ["", ""])[1];
  const short = (b) => store.businesses[b].slice(store.businesses[b].lastIndexOf("/") + 1);
  const families = new Map(store.families.flatMap(([top, members]) => members.map((b) => [b, top])));
  const calls = store.agents.map((_, a) => sum(part.n, part.starts[a], part.starts[a + 1]));
  const below = store.agents.map((_, a) => count(part.v, part.starts[a], part.starts[a + 1]));

  function sum(values, from, to) { let total = 0; for (let at = from; at < to; at += 1) total += values[at]; return total; }
  function count(letters, from, to) { let total = 0; for (let at = from; at < to; at += 1) total += letters[at] === "b"; return total; }

  // Agents and businesses that hold the text; what is not found among one does not narrow it.
  function searched(text) {
    const wanted = text.toLowerCase(), agents = new Set(), businesses = new Set();
    if (!wanted) return { agents: null, businesses: null };
    store.agents.forEach((id, a) => { if (id.toLowerCase().includes(wanted) || name(a).toLowerCase().includes(wanted)) agents.add(a); });
    store.businesses.forEach((path, b) => { if (path.toLowerCase().includes(wanted)) businesses.add(b); });
    if (!agents.size && !businesses.size) return { agents, businesses };
    return { agents: agents.size ? agents : null, businesses: businesses.size ? businesses : null };
  }

  function lines(wanted) {
    const found = searched(wanted.q || "");
    let columns = store.families.flatMap(([, members]) => members)
      .filter((b) => (!wanted.family || families.get(b) === wanted.family || store.businesses[b] === wanted.family) && (!found.businesses || found.businesses.has(b)));
    let inside = new Set(columns);
    const has = (a, asks) => { for (let at = part.starts[a]; at < part.starts[a + 1]; at += 1) if (inside.has(part.b[at]) && asks(at)) return true; return false; };
    const shown = (a) => (!wanted.team || team(a) === wanted.team) && (!found.agents || found.agents.has(a)) && (!wanted.weak || has(a, (at) => part.v[at] === "b"));
    const groups = grouped(wanted.sort).map(([title, members]) => [title, members.filter(shown)]).filter(([, members]) => members.length);
    if (wanted.weak) {
      const people_shown = groups.flatMap(([, members]) => members), weak = new Set();
      for (const a of people_shown) for (let at = part.starts[a]; at < part.starts[a + 1]; at += 1) if (part.v[at] === "b") weak.add(part.b[at]);
      columns = columns.filter((b) => weak.has(b));
      inside = new Set(columns);
    }
    const titled = groups.length > 1 || groups.some(([title]) => title);
    const rows = groups.flatMap(([title, members]) => [...(titled && title !== null ? [{ title: title(members.length) }] : []), ...members.map((a) => ({ a }))]);
    return { rows, columns, agents: groups.reduce((total, [, members]) => total + members.length, 0) };
  }

  function grouped(sort) {
    const everybody = store.agents.map((_, a) => a);
    if (sort === "agent") return [[null, everybody]];
    if (sort === "calls") return [[null, everybody.sort((one, other) => calls[other] - calls[one] || one - other)]];
    if (sort === "weak") return [[null, everybody.sort((one, other) => below[other] - below[one] || one - other)]];
    if (sort === "team") {
      const teams = new Map();
      for (const a of everybody) teams.set(team(a), [...(teams.get(team(a)) || []), a]);
      return [...teams].sort(([one], [other]) => (one > other) - (one < other)).map(([title, members]) => [(n) => coachline.say(title ? said.of_team : said.no_team, { team: title, n }), members]);
    }
    return store.people.map(([title, members]) => [title ? (n) => coachline.say(said.group, { family: title, n }) : null, members]);
  }

  // Position of each cell among those with evidence, -1 where there is none: found once for all drawing.
  const places = new Int32Array(store.agents.length * store.businesses.length).fill(-1);
  store.agents.forEach((_, a) => { for (let at = part.starts[a]; at < part.starts[a + 1]; at += 1) places[a * store.businesses.length + part.b[at]] = at; });
  const at = (a, b) => places[a * store.businesses.length + b];
  return { code, part, lines, at, name, team, short, family: (b) => families.get(b) };
};
