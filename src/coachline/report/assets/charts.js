"use strict";
// Draws every picture from its description in #report-data. One file per kind of picture registers a function
// in coachline.kinds: (description, tools) -> ECharts option; or, where the picture is made of elements, in coachline.made:
// (holder, description, store) -> function (tools) that draws it. No picture loads anything; names are untrusted text.
const coachline = { kinds: {}, made: {}, books: {}, links: {}, shown: new Set(), drawn: [], begun: new WeakSet(), data: new WeakMap(), watching: false };

// Draws what below `root` is not drawn yet, and forgets what has left the page; so it may be called whenever something was put into it.
coachline.start = function (root) {
  coachline.forget();
  const fresh = [...(root || document).querySelectorAll("[data-picture]")].filter((holder) => !coachline.begun.has(holder));
  const told = new Map(fresh.map((holder) => [holder, coachline.data_of(holder)]));
  const specs = new Map([...told].map(([holder, data]) => [holder, data.pictures[holder.dataset.picture]]));
  for (const data of told.values()) Object.assign(coachline, { words: data.words, links: data.links });
  coachline.shown = new Set([...coachline.drawn, ...[...specs.values()].map((spec) => ({ spec }))].map(({ spec }) => spec.kind));
  const begun = fresh.map((holder) => coachline.begin(holder, specs.get(holder), told.get(holder).stores));
  coachline.drawn.push(...begun);
  coachline.draw(begun);
  if (fresh.length) coachline.link_names(root || document);
  if (!coachline.watching) coachline.watch();
};

// The data that stands nearest to a holder: a page may hold several reports, each in an element of its own.
coachline.data_of = function (holder) {
  let place = holder, script = null;
  while (!script) { place = place.parentNode; script = place.querySelector("#report-data"); }
  if (!coachline.data.has(script)) coachline.data.set(script, JSON.parse(script.textContent));
  return coachline.data.get(script);
};

coachline.begin = function (holder, spec, stores) {
  holder.replaceChildren(); // a page that comes back from the browser's history brings its old drawings along
  coachline.begun.add(holder);
  if (coachline.made[spec.kind]) return { holder, spec, redraw: coachline.made[spec.kind](holder, spec, stores[spec.store]) };
  holder.style.height = holder.dataset.height + "px";
  if (holder.dataset.minWidth) holder.style.minWidth = holder.dataset.minWidth + "px";
  const chart = echarts.init(holder, null, { renderer: "svg" });
  coachline.sizes.observe(holder);
  return { holder, spec, chart };
};

coachline.forget = function () {
  for (const { chart, holder } of coachline.drawn.filter((one) => !one.holder.isConnected)) {
    if (!chart) continue;
    coachline.sizes.unobserve(holder);
    chart.dispose();
  }
  coachline.drawn = coachline.drawn.filter(({ holder }) => holder.isConnected);
  for (const [kind, book] of Object.entries(coachline.books)) if (!book.holder.isConnected) delete coachline.books[kind];
};

coachline.sizes = new ResizeObserver((entries) => {
  if (document.documentElement.dataset.paper) return;
  const changed = new Set(entries.map((entry) => entry.target));
  for (const { chart, holder } of coachline.drawn) if (chart && changed.has(holder)) chart.resize({ width: "auto", height: "auto" });
});

coachline.watch = function () {
  coachline.watching = true;
  const redraw = () => coachline.draw(coachline.drawn);
  // The reader's system changes between light and dark, or the page does.
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  // Paper is white and has a fixed width: draw for it before printing, and back again afterwards.
  window.addEventListener("beforeprint", () => coachline.paper(true));
  window.addEventListener("afterprint", () => coachline.paper(false));
  window.addEventListener("hashchange", coachline.follow_address);
  coachline.follow_address();
};

coachline.draw = function (some) {
  const tools = coachline.tools();
  for (const { redraw, chart, spec, holder } of some) {
    if (redraw) { redraw(tools); continue; }
    const option = coachline.kinds[spec.kind](spec, tools, holder.clientWidth);
    chart.setOption(Object.assign({ animation: false, textStyle: { fontFamily: tools.font, color: tools.text } }, option), true);
  }
};

coachline.paper = function (on) {
  const root = document.documentElement;
  if (on) root.dataset.paper = "a4"; else delete root.dataset.paper;
  coachline.forget();
  coachline.draw(coachline.drawn);
  for (const { holder, chart } of coachline.drawn.filter((one) => one.chart)) {
    const height = Math.min(Math.round(holder.dataset.height * 0.85), 690);
    const size = on ? { width: holder.closest(".pair") ? 324 : 676, height } : { width: "auto", height: "auto" };
    chart.resize(size);
    chart.getZr().flush(); // now, not with the next frame: the paper does not wait
    // On paper the picture scales to the width that it gets; see print.css.
    const svg = holder.querySelector("svg");
    if (on) svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`); else svg.removeAttribute("viewBox");
  }
};

// Colours of the page as it is now, and how figures are written in tooltips and on axes.
coachline.tools = function () {
  const style = getComputedStyle(document.querySelector(".report") || document.documentElement);
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
    number: (v) => (v < 0 ? "\u2212" : "") + Math.abs(v).toLocaleString("en-US", { maximumFractionDigits: Math.abs(v) < 100 ? 2 : 1 }),
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
      seconds_change: () => signed(v, Math.abs(v) < 10 ? 1 : 0), count_change: () => signed(v, 0),
      number: () => (v < 0 ? "\u2212" : "") + Math.abs(+v.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 6 }) }[unit] || (() => write[unit](v)))(),
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
