"use strict";
// People x businesses: hue says above or below the business's own mean, depth says how many calls stand behind it, hatching says too few.
coachline.kinds.matrix = function (spec, tools) {
  const hatch = { image: hatching(tools), repeat: "repeat" };
  return {
    grid: { left: 4, right: 8, top: 4, bottom: 4, containLabel: true },
    xAxis: tools.ruled({ type: "category", data: spec.columns.map((c) => c.name), splitLine: { show: false },
      axisLabel: { color: tools.text, interval: 0, rotate: 60, fontSize: 11, formatter: (name, index) => tools.short(spec.columns[index].short, 12) } }),
    yAxis: tools.ruled({ type: "category", data: spec.rows, inverse: true, splitLine: { show: false },
      axisLabel: { color: tools.text, interval: 0, fontSize: 11, formatter: (name) => tools.short(name, 12) } }),
    tooltip: tools.tip((given) => {
      const [column, row, n, successes] = given.value;
      return [spec.rows[row] + "  " + spec.columns[column].name,
        n < spec.few ? tools.words.too_few : tools.write.share(successes / n),
        tools.words.n.replace("{n}", tools.write.count(n)),
        tools.words.business_mean.replace("{value}", tools.write.share(spec.columns[column].mean))];
    }),
    series: [{
      type: "custom", data: spec.cells, clip: true, encode: { x: 0, y: 1 },
      renderItem(params, api) {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const [width, height] = api.size([1, 1]);
        const n = api.value(2), rate = api.value(3) / n, mean = spec.columns[api.value(0)].mean;
        const few = n < spec.few;
        return {
          type: "rect", shape: { x: x - width / 2 + 0.5, y: y - height / 2 + 0.5, width: Math.max(width - 1, 1), height: Math.max(height - 1, 1) },
          style: few ? { fill: hatch } : { fill: shade(rate - mean, n) },
        };
      },
    }],
  };

  function shade(difference, n) {
    // Full hue at 15 points from the mean, full depth at 200 calls.
    const hue = Math.min(Math.abs(difference) / 0.15, 1);
    const colour = echarts.color.lerp(hue, [tools.neutral || tools.line, difference < 0 ? tools.orange : tools.blue]);
    return echarts.color.modifyAlpha(colour, 0.25 + 0.75 * Math.min(Math.sqrt(n / 200), 1));
  }

  function hatching(tools) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    pen.strokeStyle = tools.grey;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-6, 0, 6]) { pen.moveTo(shift, 6); pen.lineTo(shift + 6, 0); }
    pen.stroke();
    return tile;
  }
};
