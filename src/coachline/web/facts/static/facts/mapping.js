"use strict";
// While the map is being tried nothing can be asked for by the former one; and what was unfolded stays unfolded when it is drawn anew.
(function () {
  let open = [];
  const wait = function (waiting) {
    for (const button of document.querySelectorAll("[data-waits-for-map] button")) button.disabled = waiting;
  };
  document.addEventListener("change", function (event) {
    if (event.target.closest("#mapping")) wait(true);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.id === "mapping" && !event.detail.xhr.status) return;
    wait(false);
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.target.id === "mapping") open = Array.from(event.target.querySelectorAll("details[open][id]"), (part) => part.id);
  });
  document.addEventListener("htmx:afterSettle", function () {
    for (const id of open.splice(0)) {
      const part = document.getElementById(id);
      if (part) part.open = true;
    }
  });
})();
