"use strict";
// The page of an agent: what to practise next with the remedy first, what goes well, every outcome against colleagues, every
// business handled, the months. Colleagues are a band; a rank is a range and shown only where it lies in the better half.
coachline.made.agent_pages = function (holder, spec, store) {
  const { make } = coachline, known = coachline.capability(store), codes = Object.keys(store.outcomes);
  const judged = codes.filter((code) => store.outcomes[code].sign && !store.outcomes[code].alike);
  let tools = coachline.tools(), detail = judged.find((code) => code !== "index") || codes[0], all = false;
  const words = tools.words, page = make("article", { class: "profile" });
  const book = coachline.book(holder, "agent", [{ name: "", members: store.agents.map((name) => ({ name, label: name })) }], 0, (a) => { all = false; draw(a); });
  let current = 0;
  holder.append(page);
  book.start();
  return (now) => { tools = now; draw(current); };

  function draw(a) {
    current = a;
    page.replaceChildren(make("h4", {}, coachline.say(words.agent_head, { name: store.agents[a], n: tools.write.count(calls(a)) })),
      make("div", { class: "advice" }, ...(spec.strengths_first ? [strengths(a), advice(a)] : [advice(a), strengths(a)])), outcomes(a), ...details(a));
  }

  // The outcome recorded most often says how many calls there were.
  function calls(a) {
    return Math.max(...codes.filter((code) => code !== "index").map((code) => spec.overall[code].n[a] || 0));
  }

  // Cells with a verdict, the one that matters most first: cases x distance from the standard; a grade is a quarter of all there are.
  function cells(a, verdict) {
    return judged.filter((code) => code !== "index")
      .flatMap((code) => known.of_agent(code, a).filter((cell) => cell.n && cell.v === verdict).map((cell) => ({ code, cell })))
      .map((one) => Object.assign(one, { weight: Math.abs(known.above(one.code, one.cell)) / store.outcomes[one.code].scale / (store.outcomes[one.code].unit === "rating" ? 4 : 1) * one.cell.n }))
      .sort((one, other) => other.weight - one.weight);
  }

  function advice(a) {
    const found = cells(a, "b"), remedy = (one) => (store.outcomes[one.code].sign > 0 ? words.remedy_up : words.remedy_down);
    return section(words.to_practise, words.how_to_practise, found, remedy, words.fault, words.nothing_to_practise, "look");
  }

  function strengths(a) {
    return section(words.strong_in, words.how_to_share, cells(a, "s"), () => words.strength, words.strength_figures, words.no_strength, null);
  }

  function section(title, how, found, sentence, numbers, none, look) {
    const entry = (one) => make("li", {}, make("strong", {}, coachline.say(sentence(one), names(one))), make("div", { class: "quiet" }, coachline.say(numbers, figures(one))));
    if (!found.length) return make("section", {}, make("h5", {}, title), make("p", {}, judged.length ? none : words.alike));
    return make("section", { class: look }, make("h5", {}, title), make("p", {}, how), make("ol", {}, ...found.slice(0, 3).map(entry)),
      look && found.length > 3 ? make("p", { class: "quiet" }, coachline.say(words.more, { n: found.length - 3 })) : null);
  }

  function names({ code, cell }) {
    const part = store.outcomes[code];
    return { business: known.short(cell.b), outcome: part.name, standard: coachline.figure(part, part.standard[cell.b], undefined, undefined, tools) };
  }

  function figures({ code, cell }) {
    const part = store.outcomes[code], write = (value) => coachline.figure(part, value, cell.l, cell.h, tools);
    return { value: write(cell.e), low: write(cell.l), high: write(cell.h), n: tools.write.count(cell.n),
      standard: coachline.figure(part, part.standard[cell.b], undefined, undefined, tools), size: coachline.distance(part, cell.e - part.standard[cell.b], tools) };
  }

  function outcomes(a) {
    const rows = codes.filter((code) => spec.overall[code].n[a]).map((code) => {
      const part = store.outcomes[code], own = spec.overall[code], given = { e: own.e[a], l: own.l[a], h: own.h[a], band: own.peers && [own.peers[0], own.peers[2]],
        middle: own.peers && own.peers[1], standard: told(part) ? own.standard : null, unsure: told(part) && own.v[a] === "u", look: told(part) && own.v[a] === "b" };
      const write = (value) => coachline.figure(part, value, given.l, given.h, tools);
      const range = coachline.span([own.range, [given.l, given.h], given.band || [], [given.standard]], 0);
      const beside = part.unit === "index" || own.observed[a] === null ? "" : coachline.say(words.on_own_calls, { value: write(own.observed[a]), total: write(own.expected[a]) });
      return { head: part.name, strip: [coachline.strip(given, range), coachline.ends(range, write)], value: coachline.say(words.with_interval, { value: write(given.e), low: write(given.l), high: write(given.h) }),
        said: [verdict(part, own, a), beside], n: own.n[a] };
    });
    return make("section", {}, make("h5", {}, words.every_outcome), key(true), coachline.strip_table(rows, [words.outcome_name, words.strip_name, words.estimate_name, words.verdict_name, "n"], tools));
  }

  function verdict(part, own, a) {
    if (!part.sign) return words.not_judged;
    if (part.alike) return words.alike;
    const range = own.best[a] !== null && own.worst[a] <= Math.ceil(own.people / 2) ? coachline.say(own.best[a] < own.worst[a] ? words.rank : words.rank_one, { first: own.best[a], last: own.worst[a], total: own.people }) : "";
    return [store.verdicts[own.v[a]], range].filter(Boolean).join(" · ");
  }

  function details(a) {
    const part = store.outcomes[detail], found = known.of_agent(detail, a).filter((cell) => cell.n).sort((one, other) => other.n - one.n);
    const choice = make("select", { onchange: () => { detail = codes[choice.selectedIndex]; draw(current); page.querySelector(".detail select").focus(); } },
      ...codes.map((code) => make("option", { selected: code === detail }, store.outcomes[code].name)));
    const shown = all ? found : found.slice(0, 12);
    const band = (b) => (part.peers[0][b] === null ? null : [part.peers[0][b], part.peers[1][b]]);
    const range = coachline.span(shown.flatMap((cell) => [[cell.l, cell.h], band(cell.b) || [], [part.standard[cell.b]]]), 0);
    const rows = shown.map((cell) => {
      const write = (value) => coachline.figure(part, value, cell.l, cell.h, tools), judgeable = told(part);
      return { head: coachline.page_link("business", store.businesses[cell.b], known.short(cell.b)), title: store.businesses[cell.b],
        strip: [coachline.strip({ e: cell.e, l: cell.l, h: cell.h, band: band(cell.b), standard: part.standard[cell.b], unsure: judgeable && cell.v === "u", look: judgeable && cell.v === "b" }, range)],
        value: coachline.say(words.with_interval, { value: write(cell.e), low: write(cell.l), high: write(cell.h) }), said: [judgeable ? store.verdicts[cell.v] : "", ""], n: cell.n };
    });
    const more = found.length > shown.length ? make("button", { type: "button", class: "wide", onclick: () => { all = true; draw(current); } }, coachline.say(words.show_all, { n: found.length })) : null;
    return [make("div", { class: "detail" }, make("h5", {}, words.every_business), make("label", { class: "choose" }, words.outcome, " ", choice)),
      make("section", {}, key(false), coachline.strip_table(rows, [words.business, words.strip_name, words.estimate_name, words.verdict_name, "n"], tools, coachline.ends(range, (value) => coachline.figure(part, value, undefined, undefined, tools))), more),
      coachline.month_section(spec.trend, detail, part, a, words.months_of_agent, tools)];
  }

  function told(part) {
    return part.sign !== 0 && !part.alike;
  }

  function key(middle) {
    return coachline.strip_key(words, middle ? ["estimate_key", "unsure_key", "peers_key", "middle_key", "standard_key"] : ["estimate_key", "unsure_key", "peers_key", "standard_key"]);
  }
};
