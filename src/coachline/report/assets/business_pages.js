"use strict";
// The page of a business: how hard it is whoever handles it, against the other businesses; who is surely strong, who could be
// better; everybody who handles it, those with most calls first; the months.
coachline.made.business_pages = function (holder, spec, store) {
  const { make } = coachline, known = coachline.capability(store), codes = Object.keys(spec.difficulty);
  const judged = Object.keys(store.outcomes).filter((code) => store.outcomes[code].sign && !store.outcomes[code].alike);
  const order = spec.families.flatMap((family) => family.businesses);
  let tools = coachline.tools(), detail = judged.find((code) => code !== "index") || codes[0], all = false, current = spec.first;
  const words = tools.words, page = make("article", { class: "profile" });
  const groups = spec.families.map(({ name, businesses }) => ({ name, members: businesses.map((b) => ({ name: store.businesses[b], label: known.short(b) })) }));
  const book = coachline.book(holder, "business", groups, order.indexOf(spec.first), (position) => { all = false; draw(order[position]); });
  holder.append(page);
  book.start();
  return (now) => { tools = now; draw(current); };

  function draw(b) {
    current = b;
    const n = Math.max(...codes.map((code) => spec.difficulty[code].n[b] || 0)), people = Math.max(...codes.map((code) => spec.difficulty[code].agents[b] || 0));
    page.replaceChildren(make("h4", {}, coachline.say(words.business_head, { name: store.businesses[b], n: tools.write.count(n), total: tools.write.count(people) })), difficulty(b), ...details(b));
  }

  function difficulty(b) {
    const rows = codes.filter((code) => spec.difficulty[code].n[b]).map((code) => {
      const part = store.outcomes[code], own = spec.difficulty[code], given = { e: own.e[b], l: own.l[b], h: own.h[b], band: [own.peers[0], own.peers[2]], middle: own.peers[1],
        standard: part.standard[b], unsure: part.sign !== 0 && own.v[b] === "u", look: own.v[b] === "h" };
      const write = (value) => coachline.figure(part, value, given.l, given.h, tools), range = coachline.span([own.range, [given.l, given.h], given.band, [given.standard]], 0);
      return { head: part.name, strip: [coachline.strip(given, range), coachline.ends(range, write)], value: coachline.say(words.with_interval, { value: write(given.e), low: write(given.l), high: write(given.h) }),
        said: [part.sign ? spec.verdicts[own.v[b]] : words.not_judged, own.observed[b] === null ? "" : coachline.say(words.counted, { value: write(own.observed[b]) })], n: own.n[b] };
    });
    return make("section", {}, make("h5", {}, words.difficulty), coachline.strip_key(words, ["estimate_key", "unsure_key", "others_key", "middle_key", "standard_key"]),
      coachline.strip_table(rows, [words.outcome_name, words.strip_name, words.estimate_name, words.difficulty_name, "n"], tools));
  }

  function details(b) {
    const part = store.outcomes[detail], offered = Object.keys(store.outcomes), told = part.sign && !part.alike;
    const found = known.of_business(detail, b).sort((one, other) => other.n - one.n || one.a - other.a);
    const choice = make("select", { onchange: () => { detail = offered[choice.selectedIndex]; draw(current); page.querySelector(".detail select").focus(); } },
      ...offered.map((code) => make("option", { selected: code === detail }, store.outcomes[code].name)));
    const shown = all ? found : found.slice(0, 12), write = (value, cell) => coachline.figure(part, value, cell && cell.l, cell && cell.h, tools);
    const band = part.peers[0][b] === null ? null : [part.peers[0][b], part.peers[1][b]];
    const range = coachline.span([...shown.map((cell) => [cell.l, cell.h]), band || [], [part.standard[b]]], 0);
    const rows = shown.map((cell) => ({ head: coachline.page_link("agent", store.agents[cell.a], store.agents[cell.a]),
      strip: [coachline.strip({ e: cell.e, l: cell.l, h: cell.h, band, standard: part.standard[b], unsure: told && cell.v === "u", look: told && cell.v === "b" }, range)],
      value: coachline.say(words.with_interval, { value: write(cell.e, cell), low: write(cell.l, cell), high: write(cell.h, cell) }), said: [told ? store.verdicts[cell.v] : "", ""], n: cell.n }));
    const more = found.length > shown.length ? make("button", { type: "button", class: "wide", onclick: () => { all = true; draw(current); } }, coachline.say(words.show_all, { n: found.length })) : null;
    return [make("div", { class: "detail" }, make("h5", {}, words.every_agent), make("label", { class: "choose" }, words.outcome, " ", choice)),
      told ? named(found) : make("p", {}, part.sign ? words.alike : words.not_judged),
      make("section", {}, coachline.strip_key(words, ["estimate_key", "unsure_key", "peers_key", "standard_key"]), coachline.strip_table(rows, [words.agent, words.strip_name, words.estimate_name, words.verdict_name, "n"], tools, coachline.ends(range, write)), more),
      coachline.month_section(spec.trend, detail, part, b, words.months_of_business, tools)];
  }

  // Agents in the order of their numbers: a list, not a ranking.
  function named(found) {
    const of = (verdict) => found.filter((cell) => cell.v === verdict).sort((one, other) => one.a - other.a);
    const list = (cells) => (cells.length ? cells.flatMap((cell, at) => [at ? words.separator : "", coachline.page_link("agent", store.agents[cell.a], store.agents[cell.a])]) : [words.nobody]);
    const strong = of("s"), below = of("b"), open = found.filter((cell) => cell.v === "u").length;
    return make("dl", { class: "named" }, make("dt", {}, coachline.say(words.surely_strong, { n: strong.length })), make("dd", {}, ...list(strong)),
      make("dt", {}, coachline.say(words.surely_below, { n: below.length })), make("dd", {}, ...list(below)),
      make("dt", {}, words.too_few), make("dd", {}, coachline.say(words.people, { n: open })));
  }
};
