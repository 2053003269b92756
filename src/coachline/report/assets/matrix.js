"use strict";
// People x businesses: hue says above or below the business's own mean, depth says how many calls stand behind it, hatching says too few.
coachline.kinds.matrix = function (spec, tools, room) {
  const people = spec.rows.map((name) => tools.short(name, 16));
  const businesses = spec.columns.map((column) => tools.short(column.short, 20));
  const left = tools.width(people, 11) + 12, longest = tools.width(businesses, 11);
  const upright = (room - left) / businesses.length < longest + 8; // no room for names side by side
  return {
    // Measured here: the library samples labels of long axes, and would cut some off.
    grid: { left, right: 8, top: 4, bottom: upright ? longest * 0.87 + 18 : 26 },
    xAxis: tools.ruled({ type: "category", data: spec.columns.map((c) => c.name), splitLine: { show: false },
      axisLabel: { color: tools.text, interval: 0, rotate: upright ? 60 : 0, fontSize: 11, formatter: (name, index) => businesses[index] } }),
    yAxis: tools.ruled({ type: "category", data: spec.rows, inverse: true, splitLine: { show: false },
      axisLabel: { color: tools.text, interval: 0, fontSize: 11, formatter: (name, index) => people[index] } }),
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
        const box = { x: x - width / 2 + 0.5, y: y - height / 2 + 0.5, width: Math.max(width - 1, 1), height: Math.max(height - 1, 1) };
        if (n >= spec.few) return { type: "rect", shape: box, style: { fill: shade(rate - mean, n) } };
        const ground = { type: "rect", shape: box, style: { fill: tools.page } };
        return { type: "group", children: [ground, { type: "path", shape: { pathData: hatching(box) }, silent: true, style: { stroke: tools.grey, lineWidth: 0.6, fill: "none" } }] };
      },
    }],
  };

  function shade(difference, n) {
    // Full hue at 15 points from the mean, full depth at 200 calls.
    const hue = Math.min(Math.abs(difference) / 0.15, 1);
    const colour = echarts.color.lerp(hue, [tools.neutral, difference < 0 ? tools.orange : tools.blue]);
    return echarts.color.modifyAlpha(colour, 0.25 + 0.75 * Math.min(Math.sqrt(n / 200), 1));
  }

  // Slanted lines as one path: on paper, too, they stay lines. Lines of neighbours meet.
  function hatching(box) {
    const right = box.x + box.width, bottom = box.y + box.height, gap = 5, parts = [];
    for (let sum = Math.ceil((box.x + box.y) / gap) * gap; sum < right + bottom; sum += gap) {
      const from = Math.max(box.x, sum - bottom), to = Math.min(right, sum - box.y);
      parts.push(`M${from.toFixed(1)} ${(sum - from).toFixed(1)}L${to.toFixed(1)} ${(sum - to).toFixed(1)}`);
    }
    return parts.join("");
  }
};
