"use strict";
// One page per agent or business inside this page: chosen from a list or by searching, turned with two buttons, and sent to a
// colleague by its address: #agent-80001.
// In the web application every agent and business has an address of its own, which coachline.links tells.
coachline.page_address = function (kind, name) {
  const address = encodeURIComponent(name);
  return coachline.links[kind] ? coachline.links[kind].replace("{name}", () => address) : "#" + kind + "-" + address;
};

coachline.has_page = (kind, name) => Boolean(coachline.links[kind] || (coachline.books[kind] && coachline.books[kind].has(name)));

coachline.page_link = function (kind, name, text) {
  if (!coachline.links[kind] && !coachline.shown.has(kind + "_pages")) return coachline.make("span", {}, text);
  return coachline.make("a", { href: coachline.page_address(kind, name) }, text);
};

// `groups`: [{name, members: [{name, label}]}]; `turn(position)` draws the page of the entry at that position of all members.
coachline.book = function (holder, kind, groups, first, turn) {
  const { make } = coachline, words = coachline.words, members = groups.flatMap((group) => group.members);
  const few = members.length <= 120, said = make("p", { class: "quiet", role: "status" });
  let at = first;
  const choice = few
    ? make("select", { onchange: () => open(choice.selectedIndex, true) }, ...groups.map((group) => {
      const options = group.members.map(({ label }) => make("option", {}, label));
      return make("optgroup", { label: group.name || words[kind] }, ...options);
    }))
    : make("input", { type: "search", list: kind + "-names", autocomplete: "off", onchange: () => search(choice.value), onfocus: () => choice.select() });
  const names = few ? null : make("datalist", { id: kind + "-names" }, ...members.map(({ name }) => make("option", { value: name })));
  const step = (by, text) => make("button", { type: "button", onclick: () => open((at + by + members.length) % members.length, true) }, text);
  // A page about one needs nothing to choose another with.
  if (members.length > 1) holder.append(make("div", { class: "turn" }, make("label", { class: "choose" }, words[kind], " ", choice), names,
    make("span", { class: "choose" }, step(-1, words.previous), step(1, words.next)), said));
  coachline.books[kind] = { holder, has: (name) => members.some((member) => member.name === name), open: (name) => {
    const found = members.findIndex((member) => member.name === name);
    if (found < 0) missing(name); else open(found, false);
  } };
  return { start: () => open(first, false), again: () => turn(at) };

  function open(position, address) {
    at = position;
    said.textContent = "";
    if (few) choice.selectedIndex = at; else choice.value = members[at].name;
    turn(at);
    if (!address) return;
    try { history.replaceState(null, "", coachline.page_address(kind, members[at].name)); } catch (refused) { /* a frame without an address */ }
  }

  function search(text) {
    const wanted = text.trim(), found = members.findIndex(({ name }) => name === wanted);
    const near = found >= 0 ? found : members.findIndex(({ name }) => wanted && name.includes(wanted));
    if (near < 0) missing(wanted); else open(near, true);
  }

  function missing(name) {
    said.textContent = coachline.say(words.not_here, { name });
  }
};

coachline.follow_address = function () {
  const parts = /^#(agent|business)-(.+)$/.exec(location.hash);
  if (!parts || !coachline.books[parts[1]]) return;
  let name = parts[2];
  try { name = decodeURIComponent(name); } catch (broken) { /* taken as it stands */ }
  const book = coachline.books[parts[1]];
  book.open(name);
  book.holder.closest("figure").scrollIntoView();
};

// Names in tables become links once it is known which pages there are.
coachline.link_names = function (root) {
  for (const cell of root.querySelectorAll("[data-leads]")) {
    const kind = cell.dataset.leads, name = cell.textContent;
    if (coachline.has_page(kind, name)) cell.replaceChildren(coachline.page_link(kind, name, name));
  }
};
