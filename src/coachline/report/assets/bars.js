"use strict";
// Contributions: what each member added to a change, by mix and by rate. The parts add up to the whole.
coachline.kinds.contributions = function (spec, tools) {
  const part = (name, values, color, decal) => ({
    name, type: "bar", stack: "change", data: values, color, barMaxWidth: 22, emphasis: { disabled: true },
    itemStyle: { borderColor: tools.page, borderWidth: 0.5 }, decal,
  });
  const members = spec.members.map((name) => tools.short(name, 24));
  return {
    grid: { left: tools.width(members, 12) + 14, right: 20, top: 34, bottom: 44 },
    legend: { top: 0, left: 0, textStyle: { color: tools.text }, itemWidth: 16, itemHeight: 10 },
    xAxis: tools.ruled({ type: "value", name: spec.axis, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: { color: tools.muted, hideOverlap: true, formatter: tools.axis(spec.unit) } }),
    yAxis: tools.ruled({ type: "category", data: spec.members, inverse: true, splitLine: { show: false },
      axisLabel: { color: tools.text, interval: 0, formatter: (name, index) => members[index] } }),
    tooltip: Object.assign({ trigger: "axis", axisPointer: { type: "shadow" } }, tools.tip((given) => {
      const row = given[0].dataIndex;
      return [spec.members[row], tools.words.change + " " + tools.write[spec.unit](spec.change[row]), ...spec.parts.map((p) => p.name + " " + tools.write[spec.unit](p.values[row])),
        ...(spec.before ? [spec.before[row]] : [])];
    })),
    series: spec.parts.map((p, index) => part(p.name, p.values, index ? tools.grey : tools.blue)),
  };
};

// A chain of counts, each a part of the one before: invited -> rated -> satisfied.
coachline.kinds.chain = function (spec, tools) {
  return {
    grid: { left: 4, right: 90, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: tools.ruled({ type: "category", data: spec.names, inverse: true, axisLine: { show: false }, axisLabel: { color: tools.text, fontSize: 13 } }),
    tooltip: tools.tip((given) => [spec.names[given.dataIndex], spec.labels[given.dataIndex]]),
    series: [{ type: "bar", data: spec.counts, color: tools.blue, barMaxWidth: 30, emphasis: { disabled: true },
      label: { show: true, position: "right", color: tools.text, formatter: (bar) => spec.labels[bar.dataIndex] } }],
  };
};

// Columns with a limit: those beyond it are orange.
coachline.kinds.columns = function (spec, tools) {
  return {
    grid: { left: 4, right: 12, top: 26, bottom: 4, containLabel: true },
    xAxis: tools.ruled({ type: "category", data: spec.names, splitLine: { show: false }, axisLabel: { color: tools.muted, hideOverlap: true, rotate: 45, formatter: (name) => tools.short(name, 12) } }),
    yAxis: tools.ruled({ type: "value", min: 0, name: spec.axis, nameTextStyle: { color: tools.muted, align: "left" }, axisLine: { show: false } }),
    tooltip: tools.tip((given) => (given.componentType === "series" ? [spec.names[given.dataIndex], tools.write.hours(spec.values[given.dataIndex])] : [])),
    series: [{
      type: "bar", barMaxWidth: 18, emphasis: { disabled: true },
      data: spec.values.map((value) => ({ value, itemStyle: { color: value > spec.limit ? tools.orange : tools.blue } })),
      markLine: { silent: true, symbol: "none", lineStyle: { color: tools.text, type: "dashed" }, data: [{ yAxis: spec.limit }],
        label: { formatter: spec.limit_label, position: "insideEndTop", color: tools.text } },
    }],
  };
};
