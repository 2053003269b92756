"use strict";
// Elements made by hand. Text is set as text, never as markup: names come from the centre's data.
coachline.make = function (tag, attributes, ...children) {
  return coachline.fill_element(document.createElement(tag), attributes, children);
};

coachline.svg = function (tag, attributes, ...children) {
  return coachline.fill_element(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
};

coachline.fill_element = function (element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    // One by one: pages that allow no inline style refuse the attribute.
    else if (name === "style") for (const [property, set] of Object.entries(value)) element.style.setProperty(property, set);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

// A sentence with its {places} filled in; a count stays on the line of its n.
coachline.say = function (sentence, facts) {
  return sentence.replace("n = {", "n\u00a0=\u00a0{").replace(/\{(\w+)\}/g, (place, name) => (name in facts ? facts[name] : place));
};
