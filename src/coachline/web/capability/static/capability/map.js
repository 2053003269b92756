"use strict";
// The capability matrix as a map that stays smooth with very many cells: only what is in view is drawn. Filters are kept in the address; a
// cell opens beside the map. For those who hear the page, the cell under the cursor is a cell of a grid and says everything about itself.
(function () {
  const by = (id) => document.getElementById(id), map = by("map");
  if (!map) return;
  const given = JSON.parse(by("map-data").textContent), form = by("map-filters"), panel = by("map-panel"), tip = by("map-tip"), said = given.said;
  coachline.words = given.words;
  coachline.links = given.links;
  let store = null, order = null, canvas = null, known = null, shown = { rows: [], columns: [] }, pointed = null, chosen = null, waiting = false, loaded = "";

  const wanted = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  // A finger needs larger cells, unless the address asks for others.
  if (window.matchMedia("(pointer: coarse)").matches && !new URLSearchParams(location.search).has("size")) form.elements.size.value = "large";

  async function load() {
    const asked = wanted().outcome;
    by("map-shown").textContent = said.reading;
    try {
      const answer = await fetch(given.cells + "?" + new URLSearchParams({ outcome: asked, centre: given.centre }), { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      store = await answer.json();
    } catch (failed) {
      by("map-shown").textContent = said.failed;
      return;
    }
    if (asked !== wanted().outcome) { load(); return; }
    loaded = asked;
    known = coachline.capability(store);
    order = coachline.map_order(store, given.people, said);
    canvas = coachline.map_canvas(by("map-canvas"), store, order);
    canvas.dress(coachline.tools());
    arrange();
    by("map-legend").replaceChildren(...coachline.matrix_key(store.outcomes[order.code], store.reach, coachline.tools()));
    by("map-finding").textContent = store.finding;
  }

  // Everything that follows from the filters.
  function arrange() {
    const asks = wanted(), keep = chosen && { a: shown.rows[chosen.row].a, b: shown.columns[chosen.column] };
    shown = order.lines(asks);
    canvas.show(shown, asks.size);
    chosen = keep ? found(keep) : null;
    pointed = null;
    tip.hidden = true;
    const whole = canvas.whole();
    by("map-room").style.setProperty("width", whole.width + "px");
    by("map-room").style.setProperty("height", whole.height + "px");
    map.style.setProperty("height", Math.min(whole.height + 18, Math.max(320, window.innerHeight * 0.78)) + "px");
    map.setAttribute("aria-rowcount", shown.rows.length);
    map.setAttribute("aria-colcount", shown.columns.length);
    const count = (value) => value.toLocaleString("en-US");
    by("map-shown").textContent = shown.agents && shown.columns.length
      ? coachline.say(said.shown, { agents: count(shown.agents), all_agents: count(store.agents.length), businesses: count(shown.columns.length), all_businesses: count(store.businesses.length) })
      : said.nobody;
    canvas.fit(map.clientWidth, map.clientHeight);
    paint();
    tell(chosen || first());
  }

  function found({ a, b }) {
    const row = shown.rows.findIndex((line) => line.a === a), column = shown.columns.indexOf(b);
    return row < 0 || column < 0 ? null : { row, column };
  }

  function first() {
    const row = shown.rows.findIndex((line) => line.a !== undefined);
    return row < 0 || !shown.columns.length ? null : { row, column: 0 };
  }

  // At most once for each frame, however often the reader scrolls or points.
  function paint() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (!canvas) return;
      canvas.draw(map.scrollLeft, map.scrollTop, pointed, chosen);
      if (!map.dataset.drawn) { map.dataset.drawn = "yes"; performance.mark("map-drawn"); }
    });
  }

  function cell(place) {
    const a = shown.rows[place.row].a, b = shown.columns[place.column], at = order.at(a, b), part = order.part;
    return at < 0 ? null : { a, b, n: part.n[at], e: part.e[at], l: part.l[at], h: part.h[at], c: part.c[at], p: part.p ? part.p[at] : null, v: part.v ? part.v[at] : "u" };
  }

  function lines(place) {
    const own = cell(place);
    return own ? coachline.account(known, order.code, own, coachline.tools()) : [coachline.words.never_seen];
  }

  // What is read out when the cursor moves.
  function tell(place) {
    if (!place) { by("map-agent").textContent = by("map-cell").textContent = "\u2013"; return; }
    const a = shown.rows[place.row].a, b = shown.columns[place.column];
    by("map-row").setAttribute("aria-rowindex", place.row + 1);
    by("map-cell").setAttribute("aria-colindex", place.column + 2);
    by("map-agent").textContent = (store.agents[a] + " " + order.name(a)).trim();
    by("map-cell").textContent = [store.businesses[b], ...lines(place)].join("; ");
  }

  function point(place, x, y) {
    pointed = place;
    paint();
    if (!place) { tip.hidden = true; return; }
    const a = shown.rows[place.row].a, b = shown.columns[place.column], [title, ...rest] = [`${store.agents[a]} ${order.name(a)}  ${store.businesses[b]}`, ...lines(place)];
    tip.replaceChildren(coachline.make("strong", {}, title), ...rest.map((line) => coachline.make("div", {}, line)));
    tip.hidden = false;
    const size = tip.getBoundingClientRect(), room = document.documentElement.clientWidth;
    const below = y + 18 + size.height < window.innerHeight;
    tip.style.setProperty("left", Math.max(4, Math.min(x + 14, room - size.width - 4)) + "px");
    tip.style.setProperty("top", (below ? y + 18 : Math.max(4, y - size.height - 10)) + "px");
  }

  function under(event) {
    const box = map.getBoundingClientRect();
    return canvas.under(event.clientX - box.left - map.clientLeft, event.clientY - box.top - map.clientTop, map.scrollLeft, map.scrollTop);
  }

  function move(to) {
    const row = Math.max(0, Math.min(shown.rows.length - 1, to.row)), column = Math.max(0, Math.min(shown.columns.length - 1, to.column));
    const step = chosen && row < chosen.row ? -1 : 1;
    let line = row;
    while (shown.rows[line] && shown.rows[line].a === undefined) line += step;
    if (!shown.rows[line]) return;
    chosen = { row: line, column };
    const { w, h } = canvas.size(), x = column * w, y = line * h, width = map.clientWidth - canvas.left() - w, height = map.clientHeight - canvas.top() - h;
    map.scrollTo(Math.min(x, Math.max(map.scrollLeft, x - width)), Math.min(line === 1 ? 0 : y, Math.max(map.scrollTop, y - height)));
    paint();
    tell(chosen);
  }

  function open(place) {
    chosen = place;
    tell(place);
    paint();
    tip.hidden = true;
    const asks = new URLSearchParams({ agent: store.agents[shown.rows[place.row].a], business: store.businesses[shown.columns[place.column]], outcome: order.code, centre: given.centre });
    panel.hidden = false;
    htmx.ajax("GET", given.cell + "?" + asks, { target: panel, swap: "innerHTML" }).then(() => panel.focus({ preventScroll: true }));
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.replaceChildren();
    map.focus({ preventScroll: true });
  }

  // The address says what is shown, so that it can be sent to a colleague; so do the links to the table and the downloads.
  function keep() {
    const asks = new URLSearchParams(wanted());
    history.replaceState(history.state, "", location.pathname + (String(asks) ? "?" + asks : ""));
    for (const link of document.querySelectorAll("[data-follows-filters]")) link.href = link.href.split("?")[0] + (String(asks) ? "?" + asks : "");
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); keep(); if (canvas) arrange(); });
  form.addEventListener("input", (event) => {
    if (event.target.name === "centre") { form.submit(); return; }
    keep();
    if (event.target.name === "outcome" && wanted().outcome !== loaded) load(); else if (canvas) arrange();
  });
  map.addEventListener("scroll", () => { if (pointed) { pointed = null; tip.hidden = true; } paint(); }, { passive: true });
  map.addEventListener("pointermove", (event) => {
    if (!canvas || event.pointerType === "touch") return;
    const place = under(event);
    const on = place.row !== null && place.column !== null;
    map.classList.toggle("on-name", !on && (place.row !== null || place.column !== null) && canvas.size().h >= 14);
    point(on ? place : null, event.clientX, event.clientY);
  });
  map.addEventListener("pointerleave", () => point(null));
  map.addEventListener("click", (event) => {
    if (!canvas) return;
    const place = under(event);
    if (place.row !== null && place.column !== null) open(place);
    else if (place.row !== null) location.href = coachline.page_address("agent", store.agents[shown.rows[place.row].a]);
    else if (place.column !== null) location.href = coachline.page_address("business", store.businesses[shown.columns[place.column]]);
  });
  map.addEventListener("keydown", (event) => {
    if (!canvas || event.altKey || event.metaKey) return;
    if (event.key === "Escape") { tip.hidden = true; close(); return; }
    const from = chosen || first();
    if (!from) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(from); return; }
    const page = Math.max(1, Math.floor((map.clientHeight - canvas.top()) / canvas.size().h) - 1);
    const to = { ArrowUp: [from.row - 1, from.column], ArrowDown: [from.row + 1, from.column], ArrowLeft: [from.row, from.column - 1], ArrowRight: [from.row, from.column + 1],
      PageUp: [from.row - page, from.column], PageDown: [from.row + page, from.column],
      Home: [event.ctrlKey ? 0 : from.row, 0], End: [event.ctrlKey ? shown.rows.length - 1 : from.row, shown.columns.length - 1] }[event.key];
    if (!to) return;
    event.preventDefault();
    move(chosen ? { row: to[0], column: to[1] } : from);
  });
  panel.addEventListener("click", (event) => { if (event.target.closest("[data-close-panel]")) close(); });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  new ResizeObserver(() => { if (canvas) { canvas.fit(map.clientWidth, map.clientHeight); paint(); } }).observe(map);
  new MutationObserver(() => { if (canvas) { canvas.dress(coachline.tools()); paint(); by("map-legend").replaceChildren(...coachline.matrix_key(store.outcomes[order.code], store.reach, coachline.tools())); } })
    .observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  load();
})();
