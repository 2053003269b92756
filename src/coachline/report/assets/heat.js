"use strict";
// Weekday x time of day. `pivot` makes the scale diverge (orange below, blue above); without it, more is deeper blue.
coachline.kinds.heat = function (spec, tools) {
  const known = spec.cells.map((cell) => cell[2]).filter((value) => value !== null);
  const low = Math.min(...known), high = Math.max(...known);
  const reach = spec.pivot === undefined ? 0 : Math.max(high - spec.pivot, spec.pivot - low, 0.005);
  return {
    grid: { left: 4, right: 8, top: 6, bottom: 46, containLabel: true },
    xAxis: tools.ruled({ type: "category", data: spec.columns, splitLine: { show: false }, axisLabel: { color: tools.muted, hideOverlap: true } }),
    yAxis: tools.ruled({ type: "category", data: spec.rows, inverse: true, splitLine: { show: false } }),
    visualMap: {
      dimension: 2,
      min: spec.pivot === undefined ? Math.min(0, low) : spec.pivot - reach, max: spec.pivot === undefined ? Math.max(high, low + 1e-9) : spec.pivot + reach,
      calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 140, itemWidth: 12,
      text: spec.pivot === undefined ? [tools.write[spec.unit](high), tools.write[spec.unit](Math.min(0, low))]
        : [tools.write[spec.unit](Math.min(spec.pivot + reach, spec.unit === "share" ? 1 : Infinity)), tools.write[spec.unit](spec.unit === "share" ? Math.max(spec.pivot - reach, 0) : spec.pivot - reach)],
      textStyle: { color: tools.muted }, inRange: { color: spec.pivot === undefined ? [tools.band, tools.blue] : [tools.orange, tools.panel, tools.blue] },
    },
    tooltip: tools.tip((given) => {
      const cell = given.data.value || given.data;
      const rows = [spec.rows[cell[1]] + " " + spec.columns[cell[0]], tools.write[spec.unit](cell[2])];
      if (cell[3] !== undefined) rows.push(tools.words.n.replace("{n}", tools.write.count(cell[3])));
      return rows;
    }),
    series: [{ type: "heatmap", data: spec.cells.filter((cell) => cell[2] !== null), itemStyle: { borderColor: tools.page, borderWidth: 1 },
      emphasis: { itemStyle: { borderColor: tools.text } } }],
  };
};
