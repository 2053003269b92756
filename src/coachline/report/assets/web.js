"use strict";
// Starts the pictures of a page of the web application: when it has come, and whenever htmx has put something into it.
(function () {
  const start = () => coachline.start(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
  document.addEventListener("htmx:load", start);
})();
