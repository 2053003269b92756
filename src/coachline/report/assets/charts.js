"use strict";
// Draws every picture of the page from its description in #report-data. One file per kind of picture registers a function
// in coachline.kinds: (description, tools) -> ECharts option; or, where the picture is made of elements, in coachline.made:
// (holder, description, store) -> function (tools) that draws it. No picture loads anything; names are untrusted text.
const coachline = { kinds: {}, made: {}, drawn: [], redrawn: [] };

coachline.start = function () {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  coachline.words = data.words;
  coachline.shown = new Set(data.pictures.map((spec) => spec.kind));
  for (const holder of document.querySelectorAll("[data-picture]")) {
    const spec = data.pictures[holder.dataset.picture];
    if (coachline.made[spec.kind]) {
      coachline.redrawn.push(coachline.made[spec.kind](holder, spec, data.stores[spec.store]));
      continue;
    }
    const chart = echarts.init(holder, null, { renderer: "svg" });
    coachline.drawn.push({ holder, chart, height: holder.offsetHeight, spec });
  }
  coachline.draw();
  const fit = new ResizeObserver(() => { if (!document.documentElement.dataset.paper) coachline.fit(); });
  coachline.drawn.forEach(({ holder }) => fit.observe(holder));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", coachline.draw);
  // Paper is white and has a fixed width: draw for it before printing, and back again afterwards.
  window.addEventListener("beforeprint", () => coachline.paper(true));
  window.addEventListener("afterprint", () => coachline.paper(false));
};

coachline.draw = function () {
  const tools = coachline.tools();
  for (const redraw of coachline.redrawn) redraw(tools);
  for (const { chart, spec, holder } of coachline.drawn) {
    const option = coachline.kinds[spec.kind](spec, tools, holder.clientWidth);
    chart.setOption(Object.assign({ animation: false, textStyle: { fontFamily: tools.font, color: tools.text } }, option), true);
  }
};

coachline.fit = function () {
  for (const { chart } of coachline.drawn) chart.resize({ width: "auto", height: "auto" });
};

coachline.paper = function (on) {
  const root = document.documentElement;
  if (on) root.dataset.paper = "a4"; else delete root.dataset.paper;
  coachline.draw();
  for (const { holder, chart, height } of coachline.drawn) {
    const size = on ? { width: holder.closest(".pair") ? 324 : 676, height: Math.min(Math.round(height * 0.85), 690) } : { width: "auto", height: "auto" };
    chart.resize(size);
    chart.getZr().flush(); // now, not with the next frame: the paper does not wait
    // On paper the picture scales to the width that it gets; see print.css.
    const svg = holder.querySelector("svg");
    if (on) svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`); else svg.removeAttribute("viewBox");
  }
};

// Colours of the page as it is now, and how figures are written in tooltips and on axes.
coachline.tools = function () {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name).trim();
  const words = coachline.words;
  const grouped = (value, digits) => Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const signed = (value, digits) => (value < 0 ? "\u2212" : value > 0 ? "+" : "") + grouped(value, digits);
  const clock = (value) => {
    const whole = Math.round(Math.abs(value)), two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return (value < 0 && whole ? "\u2212" : "") + (hours ? hours + ":" : "") + two(minutes) + ":" + two(whole % 60);
  };
  const write = {
    share: (v) => (v * 100).toFixed(1) + "%",
    seconds: clock,
    count: (v) => grouped(v, 0),
    hours: (v) => words.hours.replace("{size}", grouped(v, 1)),
    points: (v) => words.points.replace("{size}", signed(v * 100, 2)),
    seconds_change: (v) => words.seconds.replace("{size}", signed(v, 1)),
    count_change: (v) => signed(v, Math.abs(v) < 10 ? 1 : 0),
  };
  return {
    words, write,
    text: colour("text"), muted: colour("muted"), line: colour("line"), panel: colour("panel"), page: colour("page"),
    blue: colour("blue"), orange: colour("orange"), grey: colour("grey"), neutral: colour("neutral"), band: colour("band"),
    lines: [colour("blue"), colour("teal"), colour("grey"), colour("violet")],
    font: colour("font"),
    // Numbers on an axis: its name says the unit of a difference.
    axis: (unit) => (v) => ({ share: () => +(v * 100).toFixed(1) + "%", points: () => signed(+(v * 100).toFixed(2), v && Math.abs(v) < 0.001 ? 2 : 1),
      seconds_change: () => signed(v, Math.abs(v) < 10 ? 1 : 0), count_change: () => signed(v, 0) }[unit] || (() => write[unit](v)))(),
    width: (texts, size) => {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = size + "px " + colour("font");
      return Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width)));
    },
    ruled(extra) {
      return Object.assign({
        axisLine: { lineStyle: { color: colour("line") } }, axisTick: { show: false },
        axisLabel: { color: colour("muted"), hideOverlap: true }, splitLine: { lineStyle: { color: colour("line") } },
        nameTextStyle: { color: colour("muted") },
      }, extra);
    },
    // A tooltip as nodes, never as markup: names come from the centre's data.
    tip(build) {
      return {
        confine: true, backgroundColor: colour("panel"), borderColor: colour("line"), textStyle: { color: colour("text"), fontSize: 13 },
        formatter(given) {
          const box = document.createElement("div");
          for (const line of build(given) || []) {
            const row = box.appendChild(document.createElement("div"));
            row.textContent = line;
          }
          if (box.firstChild) box.firstChild.style.fontWeight = "600";
          return box;
        },
      };
    },
    // Cut to so many narrow characters; a Chinese one is as wide as two.
    short: (text, room) => {
      let used = 0;
      for (let at = 0; at < text.length; at += 1) {
        used += text.charCodeAt(at) > 0x2e7f ? 2 : 1;
        if (used > room) return text.slice(0, Math.max(at - 1, 1)) + "\u2026";
      }
      return text;
    },
  };
};
