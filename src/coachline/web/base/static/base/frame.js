"use strict";
// What every page can do: switch light and dark, keep the focus where a part of the page was exchanged, and say that something is loading.
(function () {
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-theme-switch]");
    if (!button) return;
    const root = document.documentElement, next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.themeChoice = root.dataset.bsTheme = next;
    document.cookie = "coachline_theme=" + next + ";path=/;max-age=31536000;samesite=lax";
  });
  // A dangerous button asks first, with a sentence that says what will happen.
  document.addEventListener("submit", function (event) {
    const question = (event.submitter && event.submitter.dataset.ask) || event.target.dataset.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  // What is looked at just now is not exchanged under the reader's hands.
  document.addEventListener("htmx:beforeSwap", function (event) {
    const place = event.detail.target;
    if (place.id === "bell" && (place.querySelector(".show") || place.contains(document.activeElement))) event.detail.shouldSwap = false;
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
})();
