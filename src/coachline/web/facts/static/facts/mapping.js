"use strict";
// When the map is drawn anew after a change, what was unfolded stays unfolded.
(function () {
  let open = [];
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
