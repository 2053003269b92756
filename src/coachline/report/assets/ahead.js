"use strict";
// What came and what is expected, one behind the other: a plain line, a dashed one, and the interval of the latter as a band.
coachline.kinds.ahead = function (spec, tools) {
  const write = tools.write.number, [came, expected] = spec.said;
  const tooltip = (index) => [spec.names[index],
    ...(spec.past[index] === null ? [] : [came + "  " + write(spec.past[index])]),
    ...(spec.calls[index] === null ? [] : [expected + "  " + write(spec.calls[index]) + " (" + write(spec.low[index]) + " \u2013 " + write(spec.high[index]) + ")"])];
  const line = { type: "line", connectNulls: false, symbol: "none", z: 3, emphasis: { disabled: true } };
  const band = { type: "line", stack: "interval", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, emphasis: { disabled: true }, z: 1 };
  const both = spec.past.some((value) => value !== null);
  return {
    grid: { left: 4, right: 16, top: both ? 40 : 14, bottom: 4, containLabel: true },
    legend: both ? { top: 0, left: 0, data: [came, expected], textStyle: { color: tools.text }, itemWidth: 26, itemStyle: { opacity: 0 } } : undefined,
    xAxis: tools.ruled({ type: "category", data: spec.names, splitLine: { show: false },
      axisLabel: { color: tools.muted, hideOverlap: true, formatter: (name, index) => spec.ticks[index] } }),
    yAxis: tools.ruled({ type: "value", min: 0, axisLine: { show: false }, splitNumber: 4, axisLabel: { color: tools.muted, formatter: tools.axis("number") } }),
    tooltip: Object.assign({ trigger: "axis" }, tools.tip((given) => tooltip(given[0].dataIndex))),
    series: [
      Object.assign({ name: "low", data: spec.low }, band),
      Object.assign({ name: "interval", data: spec.low.map((low, index) => (low === null ? null : spec.high[index] - low)), areaStyle: { color: tools.band, opacity: 1 } }, band),
      Object.assign({ name: came, data: spec.past, color: tools.grey, lineStyle: { width: 2, type: "solid" } }, line),
      Object.assign({ name: expected, data: spec.calls, color: tools.blue, lineStyle: { width: 2, type: "dashed" } }, line),
    ],
  };
};
