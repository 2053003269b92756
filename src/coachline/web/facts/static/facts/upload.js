"use strict";
// Files can be dropped on the whole zone, and are sent one by one with a bar for each. Without this script the form sends them all at once.
(function () {
  const form = document.getElementById("upload-form"), input = document.getElementById("file"), list = document.getElementById("upload-progress");
  if (!form || !window.FormData) return;
  const limit = Number(form.dataset.limit) * 1e6;
  let waiting = [], results = [], sending = false;

  const line = function (name) {
    const item = document.createElement("li"), label = document.createElement("span"), bar = document.createElement("progress");
    const text = document.createElement("span");
    label.className = "file-name";
    label.textContent = name;
    bar.className = "progress";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    item.append(label, bar, text);
    list.append(item);
    return { item: item, bar: bar, text: text };
  };
  const refuse = function (shown, message) {
    shown.bar.remove();
    shown.text.textContent = message;
    shown.text.className = "look";
  };
  const next = function () {
    const job = waiting.shift();
    if (!job) {
      sending = false;
      // One good file is opened; of several, the list says how each stands.
      if (results.length && results.every((result) => result.taken)) {
        window.location.assign(results.length === 1 ? results[0].taken.address : form.action || window.location.pathname);
      }
      return;
    }
    sending = true;
    if (job.file.size > limit) {
      refuse(job.shown, form.dataset.tooLarge);
      results.push({});
      return next();
    }
    const request = new XMLHttpRequest(), body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("file", job.file, job.file.name);
    request.open("POST", form.action || window.location.pathname);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) return;
      job.shown.bar.value = event.loaded / event.total;
      job.shown.text.textContent = event.loaded < event.total ? form.dataset.sending + " " + Math.round((100 * event.loaded) / event.total) + "%" : form.dataset.looking;
    });
    const ended = function () {
      const answer = request.response || {};
      const taken = (answer.taken || [])[0];
      if (taken) {
        const link = document.createElement("a");
        link.href = taken.address;
        link.textContent = taken.name;
        job.shown.item.replaceChildren(link);
      } else {
        refuse(job.shown, (answer.refused || [])[0] || answer.message || form.dataset.broken);
      }
      results.push({ taken: taken });
      next();
    };
    request.addEventListener("load", ended);
    request.addEventListener("error", ended);
    request.send(body);
  };
  const send = function (files) {
    for (const file of files) waiting.push({ file: file, shown: line(file.name) });
    if (!sending) {
      results = [];
      next();
    }
  };

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    send(input.files);
    form.reset();
  });
  let depth = 0;
  form.addEventListener("dragenter", function (event) {
    event.preventDefault();
    depth += 1;
    form.classList.add("over");
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("dragleave", function () {
    depth -= 1;
    if (depth <= 0) form.classList.remove("over");
  });
  form.addEventListener("drop", function (event) {
    event.preventDefault();
    depth = 0;
    form.classList.remove("over");
    send(event.dataTransfer.files);
  });
})();
