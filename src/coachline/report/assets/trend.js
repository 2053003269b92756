"use strict";
// One or more metrics over the days; with one, the band of what is usual and the unusual days; weekends are shaded.
// With `slots`, over the times of one day instead.
coachline.kinds.trend = function (spec, tools) {
  const single = spec.series.length === 1;
  const first = spec.series[0];
  const band = single && first.low ? usualBand(first, tools) : [];
  const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const lines = spec.series.map((series, index) => ({
    name: series.name, type: "line", z: 3, connectNulls: false, showSymbol: spec.days.length < 3 || single,
    symbol: spec.days.length < 3 || single ? "circle" : "none", symbolSize: (value, point) => (series.unusual && series.unusual.includes(point.dataIndex) ? 9 : spec.days.length < 3 ? 6 : 0),
    data: series.values.map((value, day) => (series.unusual && series.unusual.includes(day)
      ? { value, symbol: "diamond", itemStyle: { color: tools.orange } } : value)),
    lineStyle: { width: index ? 1.75 : 2.25, type: dashes[index % 4] }, color: tools.lines[index % 4], emphasis: { disabled: true },
    markArea: index ? undefined : weekends(spec, tools),
  }));
  return {
    grid: { left: 4, right: 12, top: single ? 14 : 44, bottom: 4, containLabel: true },
    legend: single ? undefined : {
      top: 0, left: 0, type: "scroll", data: spec.series.map((s) => s.name), textStyle: { color: tools.text }, itemWidth: 26, itemStyle: { opacity: 0 }, pageTextStyle: { color: tools.muted },
    },
    xAxis: tools.ruled({ type: "category", data: spec.days, splitLine: { show: false }, axisLabel: { color: tools.muted, hideOverlap: true, formatter: (day) => (spec.slots ? day : day.slice(5, 10)) } }),
    yAxis: tools.ruled({ type: "value", scale: spec.unit !== "count", min: spec.unit === "count" ? 0 : undefined, axisLine: { show: false },
      max: spec.unit === "share" ? (range) => (range.max > 0.97 ? 1 : null) : undefined,
      minInterval: spec.unit === "count" ? 1 : undefined, splitNumber: 4, axisLabel: { color: tools.muted, formatter: tools.axis(spec.unit) } }),
    tooltip: Object.assign({ trigger: "axis" }, tools.tip((given) => tooltip(spec, given[0].dataIndex, tools))),
    series: [...band, ...lines],
  };

  function tooltip(spec, day, tools) {
    const rows = [spec.days[day]];
    for (const series of spec.series) {
      const value = series.values[day];
      const written = value === null ? tools.words.unknown : tools.write[spec.unit](value);
      const n = series.n && series.n[day] !== null ? tools.words.n.replace("{n}", tools.write.count(series.n[day])) : "";
      rows.push((spec.series.length > 1 ? series.name + "  " : "") + written + (n ? "  " + n : ""));
    }
    if (first.low && single && first.low[day] !== null) {
      rows.push(tools.words.usual.replace("{low}", tools.write[spec.unit](first.low[day])).replace("{high}", tools.write[spec.unit](first.high[day])));
    }
    if (single && first.unusual && first.unusual.includes(day)) rows.push(tools.words.unusual);
    return rows;
  }

  function usualBand(series, tools) {
    const base = { type: "line", stack: "usual", symbol: "none", silent: true, lineStyle: { opacity: 0 }, emphasis: { disabled: true }, stackStrategy: "all", z: 1 };
    const height = series.low.map((low, day) => (low === null ? null : series.high[day] - low));
    return [
      Object.assign({ name: "low", data: series.low }, base),
      Object.assign({ name: "usual", data: height, areaStyle: { color: tools.band, opacity: 1 } }, base),
    ];
  }

  function weekends(spec, tools) {
    if (!spec.weekends.length || spec.days.length > 130) return undefined;
    // Bands between categories: half a step to each side comes from drawing from one weekend day to the next.
    const spans = spec.weekends.map(([from, to]) => [{ xAxis: from }, { xAxis: to }]);
    return { silent: true, itemStyle: { color: tools.line, opacity: 0.45 }, data: spans };
  }
};
