"use strict";
// A passport opens above the page; without this script, or in a new tab, its link leads to a page of its own.
(function () {
  function centre() { return new URLSearchParams(location.search).get("centre"); }
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.passport");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !window.HTMLDialogElement) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    dialog.className = "passport-dialog";
    dialog.setAttribute("aria-labelledby", "passport-title");
    dialog.addEventListener("close", function () { dialog.remove(); link.focus(); });
    dialog.addEventListener("click", function (inside) {
      if (inside.target === dialog || inside.target.closest("[data-close]")) dialog.close();
    });
    const address = new URL(link.href);
    if (centre()) address.searchParams.set("centre", centre());
    fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" })
      // Led elsewhere, such as to the sign-in page, the reader follows by themselves.
      .then(function (answer) { return new URL(answer.url).pathname.startsWith("/operations/passports/") ? answer.text() : Promise.reject(new Error()); })
      .then(function (text) {
        // Our own page, from our own address; the policy of the page lets no script in it run.
        dialog.innerHTML = text;
        document.body.append(dialog);
        dialog.showModal();
      })
      .catch(function () { location.href = address; });
  });
})();
