"use strict";
// People x businesses as a table that can be walked through with the arrow keys. Hue: above or below the standard; depth: certainty;
// hatched: not enough evidence, or never seen.
coachline.made.matrix = function (holder, spec, store) {
  const known = coachline.capability(store), { make } = coachline;
  const columns = spec.families.flatMap((family) => family.businesses);
  const rows = spec.people.flatMap((group) => group.agents);
  let shown = spec.outcomes[0], tools = coachline.tools();
  const words = tools.words;

  const choice = make("select", { onchange: () => { shown = spec.outcomes[choice.selectedIndex]; paint(); } },
    ...spec.outcomes.map(({ code }) => make("option", {}, store.outcomes[code].name)));
  const legend = make("div", { class: "matrix-legend" });
  const tip = make("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  const cells = rows.map(() => columns.map(() => make("td", { tabindex: -1 })));
  const table = make("table", { class: "matrix", role: "grid", "aria-label": holder.getAttribute("aria-label"), style: { "--columns": columns.length } }, head(), ...bodies());
  holder.append(
    make("div", { class: "matrix-head" }, make("label", { class: "choose" }, words.outcome, " ", choice), legend),
    make("div", { class: "matrix-room" }, make("div", { class: "matrix-frame" }, table)), tip);
  let current = cells[0][0];
  current.tabIndex = 0;
  listen();
  return (now) => { tools = now; paint(); };

  function head() {
    const families = spec.families.map(({ name, businesses }) => make("th", { colspan: businesses.length, scope: "colgroup", title: name, class: "family" }, make("span", {}, name)));
    const names = spec.families.flatMap(({ businesses }) => businesses.map((b, at) => make("th", { scope: "col", class: at ? null : "first", title: store.businesses[b] },
      coachline.page_link("business", store.businesses[b], known.short(b)))));
    const named = spec.families.some(({ name }) => name);
    const corner = make("th", { scope: "col", class: "corner", rowspan: named ? 2 : 1 }, words.agent);
    return make("thead", {}, ...(named ? [make("tr", {}, corner, ...families), make("tr", {}, ...names)] : [make("tr", {}, corner, ...names)]));
  }

  function bodies() {
    let row = -1;
    const starts = new Set(spec.families.map((family) => columns.indexOf(family.businesses[0])));
    return spec.people.map(({ name, agents }) => make("tbody", {},
      name ? make("tr", { class: "group" }, make("th", { colspan: columns.length + 1, scope: "rowgroup" }, make("span", {}, `${name} (${agents.length})`))) : null,
      ...agents.map((a) => {
        row += 1;
        cells[row].forEach((cell, column) => { if (starts.has(column)) cell.className = "first"; });
        return make("tr", {}, make("th", { scope: "row" }, coachline.page_link("agent", store.agents[a], store.agents[a])), ...cells[row]);
      })));
  }

  function paint() {
    const part = store.outcomes[shown.code];
    rows.forEach((a, row) => {
      const found = new Map(known.of_agent(shown.code, a).map((cell) => [cell.b, cell]));
      columns.forEach((b, column) => {
        const cell = found.get(b) || null, box = cells[row][column];
        box.cell = cell;
        const seen = cell && cell.n;
        box.style.backgroundColor = seen ? coachline.shade(known.above(shown.code, cell), shown.reach, cell.c, tools) : "";
        box.classList.toggle("unsure", !seen || cell.v === "u");
        box.classList.toggle("unseen", !seen);
        box.setAttribute("aria-label", [`${store.agents[a]} ${known.short(b)}`, ...lines(cell)].join("; "));
      });
    });
    legend.replaceChildren(...coachline.matrix_key(part, shown.reach, tools));
  }

  function lines(cell) {
    return cell ? coachline.account(known, shown.code, cell, tools) : [words.never_seen];
  }

  function listen() {
    const box = (event) => event.target.closest && event.target.closest("td");
    table.addEventListener("mouseover", (event) => (box(event) ? point(box(event)) : leave()));
    table.addEventListener("mouseleave", leave);
    table.addEventListener("focusin", (event) => { if (box(event)) { current.tabIndex = -1; current = box(event); current.tabIndex = 0; point(current); } });
    table.addEventListener("focusout", leave);
    table.addEventListener("click", (event) => { if (box(event)) box(event).focus({ preventScroll: true }); });
    table.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { leave(); return; }
      if (!box(event)) return;
      const row = cells.findIndex((line) => line.includes(current)), column = cells[row].indexOf(current);
      const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
        Home: [row, 0], End: [row, columns.length - 1] }[event.key];
      if (!to || !cells[to[0]] || !cells[to[0]][to[1]]) return;
      event.preventDefault();
      cells[to[0]][to[1]].focus();
    });
  }

  function point(box) {
    const row = cells.findIndex((line) => line.includes(box)), column = cells[row].indexOf(box);
    mark(row, column);
    const [first, ...rest] = [`${store.agents[rows[row]]}  ${store.businesses[columns[column]]}`, ...lines(box.cell)];
    tip.replaceChildren(make("strong", {}, first), ...rest.map((line) => make("div", {}, line)));
    tip.hidden = false;
    const at = box.getBoundingClientRect(), size = tip.getBoundingClientRect(), space = document.documentElement.clientWidth;
    const below = at.bottom + 6 + size.height < window.innerHeight;
    tip.style.left = Math.max(4, Math.min(at.left, space - size.width - 4)) + "px";
    tip.style.top = (below ? at.bottom + 6 : Math.max(4, at.top - size.height - 6)) + "px";
  }

  function leave() {
    tip.hidden = true;
    mark(-1, -1);
  }

  function mark(row, column) {
    for (const marked of table.querySelectorAll("th.here")) marked.classList.remove("here");
    if (row < 0) return;
    cells[row][0].parentElement.firstChild.classList.add("here");
    table.tHead.rows[table.tHead.rows.length - 1].querySelectorAll("th:not(.corner)")[column].classList.add("here");
  }
};

// Both dimensions at once: distance from the standard to the right, certainty upwards.
coachline.matrix_key = function (part, reach, tools) {
  const { make } = coachline, words = tools.words;
  const steps = [-1, -0.5, 0, 0.5, 1];
  const sure = [90, 60, 30].map((certainty) => make("tr", {}, make("th", { scope: "row" }, words.certainty.replace("{value}", certainty + "%")),
    ...steps.map((step) => make("td", { style: { "background-color": coachline.shade(step * reach, reach, certainty, tools) } }))));
  const size = coachline.distance(part, reach, tools);
  const ends = make("tr", { class: "ends" }, make("td", {}), make("td", { colspan: 2 }, words.worse.replace("{size}", size)), make("td", {}, words.at_standard),
    make("td", { colspan: 2 }, words.better.replace("{size}", size)));
  const table = make("table", { class: "key", role: "img", "aria-label": words.legend }, make("tbody", {}, ...sure, ends));
  const samples = make("ul", {}, make("li", {}, make("i", { class: "unsure", style: { "background-color": coachline.shade(reach / 3, reach, 55, tools) } }), words.too_few),
    make("li", {}, make("i", { class: "unsure unseen" }), words.never_seen));
  return [table, samples];
};
