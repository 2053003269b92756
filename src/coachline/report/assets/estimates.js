"use strict";
// Estimates with their intervals on one scale, one below the other; a grey mark is what each is compared with.
coachline.made.estimates = function (holder, spec) {
  const { make } = coachline;
  const head = (row) => {
    return row.agent && coachline.has_page("agent", row.name) ? coachline.page_link("agent", row.name, row.name) : row.name;
  };
  const key = ["estimate_key", "unsure_key", "middle_key", "standard_key"].filter((entry) => spec.key[entry]);
  return (tools) => {
    const rows = spec.rows.map((row) => ({
      head: head(row), title: row.name, value: row.value, said: row.said, n: row.n, look: row.look,
      strip: [coachline.strip({ e: row.e, l: row.l, h: row.h, middle: row.beside, standard: spec.line, unsure: row.unsure, look: row.look, other: row.other }, spec.range)],
    }));
    holder.replaceChildren(coachline.strip_key(spec.key, key), coachline.strip_table(rows, spec.heads, tools, make("div", { class: "scale", "aria-hidden": "true" },
      ...spec.ends.map((end) => make("span", {}, end)))));
  };
};

// Months of several at once, each a small picture; all on one scale so that they can be compared.
coachline.made.months = function (holder, spec) {
  const { make } = coachline;
  const write = (value) => (value < 0 ? "\u2212" : value > 0 ? "+" : "") + Math.abs(value).toFixed(1);
  return () => {
    holder.replaceChildren(make("ul", { class: "changes" }, ...spec.series.map((series) => make("li", {}, make("h4", {}, series.name),
      make("p", {}, series.said), coachline.months(Object.assign({ least: spec.least }, series), write, series.name + ": " + series.said)))));
  };
};
