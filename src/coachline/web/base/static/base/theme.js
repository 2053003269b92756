"use strict";
// Runs before the page is painted, so that nobody sees the other theme flash.
(function () {
  const root = document.documentElement, dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = function () {
    const choice = root.dataset.themeChoice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  apply();
  dark.addEventListener("change", apply);
})();
