"use strict";
// Agents by two shares, with the two means as a cross. Sure ones are solid, the others hollow and paler the less is known;
// those in the marked quadrant are orange, with the interval of their true shares.
coachline.kinds.quadrants = function (spec, tools, room) {
  const narrow = room < 560;
  // Above and below the dots there is room for what the corners say.
  const span = (from, to, mean, room) => {
    const known = spec.points.flatMap((p) => (p.look ? [p.at[from], ...p[to]] : [p.at[from]])).concat(mean);
    const low = Math.min(...known), high = Math.max(...known), pad = Math.max((high - low) * room, 0.002);
    return [low - pad, high + pad];
  };
  const [left, right] = span(0, "x", spec.means[0], 0.04), [bottom, top] = span(1, "y", spec.means[1], narrow ? 0.2 : 0.12);
  const share = (range) => { const digits = range < 0.05 ? 1 : 0; return (v) => (v * 100).toFixed(digits) + "%"; };
  const axis = (name, low, high, extra) => tools.ruled(Object.assign({ type: "value", min: low, max: high, name, splitLine: { show: false }, splitNumber: narrow ? 3 : 6,
    axisLabel: { color: tools.muted, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: (v) => (v < 0 || v > 1 ? "" : share(high - low)(v)) } }, extra));
  const corner = (x, y, [quadrant, count], position) => [{ coord: x, name: quadrant + (narrow ? "\n" : "  ") + count, itemStyle: { color: "transparent" },
    label: { position, color: tools.muted, backgroundColor: tools.page, padding: [1, 3], fontSize: 12, lineHeight: 16, align: position.endsWith("Left") ? "left" : "right" } }, { coord: y }];
  const [mx, my] = spec.means;
  const areas = [
    corner([left, my], [mx, top], spec.corners[0], "insideTopLeft"), corner([mx, my], [right, top], spec.corners[1], "insideTopRight"),
    corner([left, bottom], [mx, my], spec.corners[2], "insideBottomLeft"), corner([mx, bottom], [right, my], spec.corners[3], "insideBottomRight"),
  ];
  const dot = (p) => {
    const colour = p.look ? tools.orange : p.sure ? tools.blue : tools.grey;
    return { value: p.at, tip: p.tip, symbolSize: p.look ? 11 : 9, z: p.look ? 4 : 3, itemStyle: p.sure
      ? { color: colour, borderColor: tools.page, borderWidth: 1 }
      : { color: "transparent", borderColor: echarts.color.modifyAlpha(colour, 0.3 + 0.7 * p.chance), borderWidth: 1.5 } };
  };
  return {
    grid: { left: 58, right: 16, top: 10, bottom: 44 },
    xAxis: axis(spec.axes[0], left, right, { nameLocation: "middle", nameGap: 28 }),
    yAxis: axis(spec.axes[1], bottom, top, { nameLocation: "middle", nameGap: 44 }),
    tooltip: tools.tip((given) => (given.data && given.data.tip) || null),
    series: [
      { type: "custom", silent: true, z: 2, data: spec.points.filter((p) => p.look).map((p) => [...p.at, ...p.x, ...p.y]), encode: { x: [0, 2, 3], y: [1, 4, 5] },
        renderItem(params, api) {
          const at = (x, y) => api.coord([api.value(x), api.value(y)]);
          const line = (from, to) => ({ type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: tools.orange, lineWidth: 1.2, opacity: 0.7 } });
          return { type: "group", children: [line(at(2, 1), at(3, 1)), line(at(0, 4), at(0, 5))] };
        } },
      { type: "scatter", data: spec.points.map(dot), emphasis: { scale: 1.3 },
        markLine: { silent: true, symbol: "none", precision: 8, animation: false, lineStyle: { color: tools.text, type: "dashed", width: 1 }, label: { show: false }, data: [{ xAxis: mx }, { yAxis: my }] },
        markArea: { silent: true, animation: false, z: 6, data: areas } },
    ],
  };
};

// Estimates with intervals, one above the other: a raw value in grey, the better one in blue; no blue one where the data say nothing.
coachline.kinds.relations = function (spec, tools, room) {
  const names = spec.rows.map((row) => row.name);
  const labels = spec.rows.map((row) => (room < 500 ? row.lines : [row.name]).map((line) => tools.short(line, 40)).join("\n"));
  const series = (name, part, colour, shift, symbol) => ({
    name, type: "custom", color: colour, z: 3, encode: { x: [1, 2, 3], y: 0 },
    data: spec.rows.map((row, index) => [index, ...(row[part] || [NaN, NaN, NaN])]),
    renderItem(params, api) {
      if (!isFinite(api.value(1))) return null;
      const [x, y] = api.coord([api.value(1), api.value(0)]).map((v, i) => v + (i ? shift : 0));
      const ends = [2, 3].map((i) => api.coord([api.value(i), api.value(0)])[0]);
      const mark = symbol === "circle" ? { type: "circle", shape: { cx: x, cy: y, r: 5 } } : { type: "rect", shape: { x: x - 4, y: y - 4, width: 8, height: 8 } };
      const line = { type: "line", shape: { x1: ends[0], y1: y, x2: ends[1], y2: y }, style: { stroke: colour, lineWidth: 2 } };
      return { type: "group", children: [...(isFinite(ends[0]) ? [line] : []), Object.assign(mark, { style: { fill: colour } })] };
    },
  });
  return {
    grid: { left: tools.width(labels.flatMap((label) => label.split("\n")), 12) + 14, right: 18, top: 30, bottom: 44 },
    legend: { top: 0, left: 0, textStyle: { color: tools.text }, itemWidth: 14, itemHeight: 9, selectedMode: false },
    xAxis: tools.ruled({ type: "value", min: -1, max: 1, name: spec.axis, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: { color: tools.muted } }),
    yAxis: tools.ruled({ type: "category", data: names, inverse: true, splitLine: { show: false }, axisLabel: { color: tools.text, interval: 0, lineHeight: 16, formatter: (name, index) => labels[index] } }),
    tooltip: tools.tip((given) => [names[given.value[0]], ...spec.rows[given.value[0]].tip]),
    series: [
      Object.assign(series(spec.raw, "raw", tools.grey, -6, "rect"), { markLine: { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: tools.text, type: "solid", width: 1 }, data: [{ xAxis: 0 }] } }),
      series(spec.better, "better", tools.blue, 6, "circle"),
    ],
  };
};
