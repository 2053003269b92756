"use strict";
// Tables of strips, their key, and the section of months: what pages of agents and of businesses share.
coachline.strip_table = function (rows, heads, tools, foot) {
  const { make } = coachline;
  const head = make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...heads.map((text, at) => make("th", { scope: "col", role: "columnheader", class: at === 4 ? "number" : null }, text))));
  const lines = rows.map((row) => make("tr", { role: "row", class: row.look ? "heed" : null }, make("th", { scope: "row", role: "rowheader", title: row.title || null }, row.head),
    make("td", { role: "cell", class: "strip-cell" }, ...row.strip), make("td", { role: "cell", class: "estimate" }, row.value),
    make("td", { role: "cell", class: "said" }, row.said[0], row.said[1] ? make("div", { class: "quiet" }, row.said[1]) : null),
    make("td", { role: "cell", class: "number" }, make("span", { class: "n" }, "n = "), tools.write.count(row.n))));
  const last = foot ? make("tr", { role: "row", class: "foot", "aria-hidden": "true" }, make("td", { role: "cell" }), make("td", { role: "cell", class: "strip-cell" }, foot), make("td", { role: "cell", colspan: 3 })) : null;
  return make("table", { class: "strips", role: "table" }, head, make("tbody", { role: "rowgroup" }, ...lines, last));
};

coachline.strip_key = function (words, entries) {
  const { make, svg } = coachline;
  const sample = { estimate_key: () => [svg("line", { class: "interval", x1: 0, x2: 34, y1: 8, y2: 8 }), svg("circle", { class: "dot", cx: 17, cy: 8, r: 4.5 })],
    unsure_key: () => [svg("line", { class: "interval", x1: 0, x2: 34, y1: 8, y2: 8 }), svg("circle", { class: "dot unsure", cx: 17, cy: 8, r: 4.5 })],
    others_key: () => [svg("rect", { class: "band", x: 0, width: 34, y: 2, height: 12 })],
    peers_key: () => [svg("rect", { class: "band", x: 0, width: 34, y: 2, height: 12 })],
    middle_key: () => [svg("line", { class: "middle", x1: 17, x2: 17, y1: 1, y2: 15 })],
    standard_key: () => [svg("line", { class: "standard", x1: 17, x2: 17, y1: 0, y2: 16 })] };
  return make("ul", { class: "strip-key" }, ...entries.map((entry) => make("li", {}, svg("svg", { class: "strip", width: 34, height: 16, "aria-hidden": "true" }, ...sample[entry]()), words[entry])));
};

coachline.month_section = function (trend, code, part, k, title, tools) {
  const { make } = coachline, words = tools.words;
  if (!trend || !trend.outcomes[code]) return make("p", { class: "quiet" }, trend ? words.no_months_of_index : words.no_months);
  const count = trend.months.length, cut = (list) => list.slice(k * count, (k + 1) * count), own = trend.outcomes[code];
  if (!cut(own.e).some((value) => value !== null)) return make("p", { class: "quiet" }, words.no_months);
  const write = (value) => coachline.figure(Object.assign({}, part, { scale: part.scale * 10 }), value, undefined, undefined, tools);
  const given = { months: trend.months, e: cut(own.e), l: cut(own.l), h: cut(own.h), beside: trend.centre[code].e, least: { share: 400, rating: 200, time: 100, index: 500 }[part.unit] };
  const told = trend.months.map((month, t) => (given.e[t] === null ? null : `${month} ${write(given.e[t])}`)).filter(Boolean).join(", ");
  return make("section", {}, make("h5", {}, coachline.say(title, { outcome: part.name })),
    make("div", { class: "months-frame" }, coachline.months(given, write, `${part.name}: ${told}`)), make("p", { class: "quiet" }, words.months_key));
};
