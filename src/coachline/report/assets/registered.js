"use strict";
// Pictures that the table of contents names: lines over time, bars from zero, dots with intervals.
coachline.kinds.registered = function (spec, tools) {
  const write = tools.write[spec.unit];
  const values = tools.ruled({ type: "value", scale: spec.form !== "bars", axisLine: { show: false }, splitNumber: 4,
    name: spec.axis || "", nameLocation: "middle", nameGap: 26, axisLabel: { color: tools.muted, hideOverlap: true, formatter: tools.axis(spec.unit) },
    // No share is more than all.
    max: (range) => (spec.unit === "share" && range.max > 0.9 && range.max <= 1 ? 1 : null) });
  const said = (index) => [spec.names[index], ...spec.series.map((one) => {
    const value = one.values[index];
    const interval = one.low && one.low[index] !== null ? " (" + write(one.low[index]) + " \u2013 " + write(one.high[index]) + ")" : "";
    return (one.name ? one.name + "  " : "") + (value === null ? tools.words.unknown : write(value) + interval);
  })];
  const tooltip = Object.assign({ trigger: "axis", axisPointer: { type: spec.form === "bars" ? "shadow" : "line" } }, tools.tip((given) => said(given[0].dataIndex)));
  if (spec.form === "line") {
    const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
    return {
      grid: { left: 4, right: 24, top: spec.series.length > 1 ? 40 : 14, bottom: 4, containLabel: true },
      legend: spec.series.length > 1 ? { top: 0, left: 0, type: "scroll", textStyle: { color: tools.text }, pageTextStyle: { color: tools.muted }, itemStyle: { opacity: 0 } } : undefined,
      xAxis: tools.ruled({ type: "category", data: spec.names, splitLine: { show: false },
        axisLabel: { color: tools.muted, hideOverlap: true, alignMinLabel: "left", formatter: (name, index) => spec.ticks[index] } }), yAxis: values, tooltip,
      series: spec.series.map((one, index) => ({ name: one.name, type: "line", data: one.values, showSymbol: spec.names.length < 3, connectNulls: false,
        color: tools.lines[index % 4], lineStyle: { width: 2, type: dashes[index % 4] }, emphasis: { disabled: true } })),
    };
  }
  const [one] = spec.series, names = spec.names.map((name) => tools.short(name, 34));
  const rows = tools.ruled({ type: "category", data: spec.names, inverse: true, splitLine: { show: false },
    axisLabel: { color: tools.text, interval: 0, formatter: (name, index) => names[index] } });
  const whisker = {
    type: "custom", silent: true, z: 2, encode: { x: [0, 2], y: 1 }, data: one.low && one.low.map((low, row) => [low, row, one.high[row]]),
    renderItem: (params, api) => {
      if (api.value(0) === null || Number.isNaN(api.value(0))) return null;
      const from = api.coord([api.value(0), api.value(1)]), to = api.coord([api.value(2), api.value(1)]);
      return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: tools.blue, lineWidth: 2 } };
    },
  };
  const zero = [...one.values, ...(one.low || [])].some((value) => value < 0)
    ? { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: tools.text, type: "solid", width: 1 }, data: [{ xAxis: 0 }] } : undefined;
  const marks = spec.form === "bars" ? { type: "bar", data: one.values, barMaxWidth: 16 }
    : { type: "scatter", data: one.values.map((value, row) => [value, row]), symbolSize: 8, z: 3 };
  return {
    grid: { left: tools.width(names, 12) + 14, right: 24, top: 8, bottom: spec.axis ? 44 : 28 }, xAxis: values, yAxis: rows, tooltip,
    series: [...(one.low ? [whisker] : []), Object.assign(marks, { color: tools.blue, emphasis: { disabled: true }, markLine: zero })],
  };
};
