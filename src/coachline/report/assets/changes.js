"use strict";
// Real changes as small pictures of one kind, each with its own scale; orange where it went the wrong way.
coachline.made.changes = function (holder, spec) {
  const { make } = coachline;
  return (tools) => {
    holder.replaceChildren(make("ul", { class: "changes" }, ...spec.series.map((series) => {
      const part = { unit: series.unit, scale: 1 }, write = (value) => coachline.figure(part, value, undefined, undefined, tools);
      const kind = series.agent === null ? "business" : "agent", name = series.agent === null ? series.business : series.agent;
      const head = name === null ? series.name : coachline.page_link(kind, name, series.name);
      return make("li", {}, make("h4", {}, head), make("p", { class: series.look ? "look" : null }, series.change),
        coachline.months(series, write, series.name + ": " + series.change));
    })));
  };
};
