"use strict";
// Links to the page of an agent or a business inside this page: #agent-80001.
coachline.page_link = function (kind, name, text) {
  if (!coachline.shown.has(kind + "_pages")) return coachline.make("span", {}, text);
  return coachline.make("a", { href: "#" + kind + "-" + encodeURIComponent(name) }, text);
};
