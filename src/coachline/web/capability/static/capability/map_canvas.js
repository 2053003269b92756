"use strict";
// Draws the part of the map that is in view: cells, hatching, headings that stay in sight, the cell that is pointed at and the one chosen.
coachline.map_canvas = function (canvas, store, order) {
  const pen = canvas.getContext("2d");
  const SIZES = { usual: { w: 22, h: 20 }, large: { w: 34, h: 32 }, small: { w: 6, h: 6 } };
  let size = SIZES.usual, shown = { rows: [], columns: [] }, tools = null, inks = [], colours = new Map(), hatch = {}, view = { width: 0, height: 0 };

  const legible = () => size.h >= 14;
  const left = () => (legible() ? Math.min(170, Math.max(84, view.width * 0.24)) : 10);
  const top = () => (legible() ? 22 + 112 : 22);
  const whole = () => ({ width: left() + shown.columns.length * size.w, height: top() + shown.rows.length * size.h });

  // A pattern is a few pixels of its own that repeat.
  function lined(gap, colour) {
    const tile = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
    tile.width = tile.height = Math.round(gap * ratio);
    const own = tile.getContext("2d");
    own.strokeStyle = colour;
    own.lineWidth = ratio;
    own.beginPath();
    for (const shift of [-1, 0, 1]) { own.moveTo(shift * tile.width, tile.height); own.lineTo((shift + 1) * tile.width, 0); }
    own.stroke();
    const pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / ratio));
    return pattern;
  }

  function dress(now) {
    tools = now;
    colours = new Map();
    inks = new Array(order.part.b.length);
    hatch = { unsure: lined(5, tools.grey), unseen: lined(7, tools.line) };
  }

  function colour(at) {
    const part = order.part, b = part.b[at], above = part.standard[b] === null ? 0 : part.sign * (part.e[at] - part.standard[b]);
    const step = Math.round(20 * Math.max(-1, Math.min(1, above / store.reach))), key = step * 1000 + part.c[at];
    if (!colours.has(key)) colours.set(key, coachline.shade((step / 20) * store.reach, store.reach, part.c[at], tools));
    inks[at] = colours.get(key);
    return inks[at];
  }

  function fit(width, height) {
    const ratio = window.devicePixelRatio || 1;
    view = { width, height };
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.setProperty("width", width + "px");
    canvas.style.setProperty("height", height + "px");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  function draw(x, y, pointed, chosen) {
    const { w, h } = size, from = { row: Math.floor(y / h), column: Math.floor(x / w) };
    const to = { row: Math.min(shown.rows.length, Math.ceil((y + view.height - top()) / h)), column: Math.min(shown.columns.length, Math.ceil((x + view.width - left()) / w)) };
    const gap = legible() ? 1 : 0;
    pen.fillStyle = tools.page;
    pen.fillRect(0, 0, view.width, view.height);
    for (let row = from.row; row < to.row; row += 1) {
      const a = shown.rows[row].a, py = top() + row * h - y;
      if (a === undefined) continue;
      for (let column = from.column; column < to.column; column += 1) {
        const at = order.at(a, shown.columns[column]), px = left() + column * w - x;
        if (at < 0) { if (gap) { pen.fillStyle = hatch.unseen; pen.fillRect(px, py, w - gap, h - gap); } continue; }
        pen.fillStyle = inks[at] || colour(at);
        pen.fillRect(px, py, w - gap, h - gap);
        if (gap && order.part.v[at] === "u") { pen.fillStyle = hatch.unsure; pen.fillRect(px, py, w - gap, h - gap); }
      }
    }
    for (const [place, line, dash] of [[pointed, tools.text, 1.5], [chosen, tools.blue, 3]]) {
      if (!place || shown.rows[place.row] === undefined) continue;
      pen.strokeStyle = line;
      pen.lineWidth = dash;
      pen.strokeRect(left() + place.column * w - x + 0.5, top() + place.row * h - y + 0.5, w - 1, h - 1);
    }
    heads(x, y, from, to, pointed || chosen);
  }

  function heads(x, y, from, to, place) {
    const { w, h } = size;
    pen.fillStyle = tools.page;
    pen.fillRect(0, 0, view.width, top());
    pen.fillRect(0, 0, left(), view.height);
    pen.textBaseline = "middle";
    // Agents and the headings of groups
    pen.save();
    pen.beginPath();
    pen.rect(0, top(), view.width, view.height - top());
    pen.clip();
    for (let row = from.row; row < to.row; row += 1) {
      const line = shown.rows[row], py = top() + row * h - y + h / 2;
      if (line.a === undefined) {
        if (!legible()) continue;
        pen.fillStyle = tools.page;
        pen.fillRect(0, py - h / 2, view.width, h);
        text(line.title, 4, py + 2, tools.muted, true);
      } else if (legible()) {
        const here = place && place.row === row;
        pen.save();
        pen.beginPath();
        pen.rect(0, py - h / 2, left() - 6, h);
        pen.clip();
        text((store.agents[line.a] + " " + order.name(line.a)).trim(), 4, py, here ? tools.blue : tools.text, here);
        pen.restore();
      }
    }
    pen.restore();
    // Businesses, upright, below their families
    pen.save();
    pen.beginPath();
    pen.rect(left(), 0, view.width - left(), top());
    pen.clip();
    if (legible()) {
      for (let column = from.column; column < to.column; column += 1) {
        const here = place && place.column === column;
        upright(order.short(shown.columns[column]), left() + column * w - x + w / 2, 26, here ? tools.blue : tools.muted, here);
      }
    }
    let start = 0;
    for (let column = 1; column <= shown.columns.length; column += 1) {
      const family = order.family(shown.columns[start]);
      if (column < shown.columns.length && order.family(shown.columns[column]) === family) continue;
      const px = left() + start * w - x, end = left() + column * w - x;
      start = column;
      if (end < left() || px > view.width || !family) continue;
      pen.strokeStyle = tools.grey;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(Math.max(px, left()) + 1, 20.5);
      pen.lineTo(end - 2, 20.5);
      pen.stroke();
      pen.save();
      pen.beginPath();
      pen.rect(Math.max(px, left()), 0, end - Math.max(px, left()) - 3, 22);
      pen.clip();
      text(family, Math.max(px, left()) + 2, 10, tools.text, true);
      pen.restore();
    }
    pen.restore();
  }

  function text(words, x, y, fill, bold) {
    pen.font = `${bold ? "600 " : ""}12px ${tools.font}`;
    pen.fillStyle = fill;
    pen.fillText(words, x, y);
  }

  // Chinese is written character below character, everything else is turned.
  function upright(words, x, y, fill, bold) {
    const room = 108;
    pen.font = `${bold ? "600 " : ""}11px ${tools.font}`;
    pen.fillStyle = fill;
    if (!/[\u2e80-\uffef]/.test(words)) {
      pen.save();
      pen.translate(x, y);
      pen.rotate(Math.PI / 2);
      pen.textAlign = "left";
      pen.fillText(pen.measureText(words).width > room ? words.slice(0, 15) + "\u2026" : words, 0, 0);
      pen.restore();
      return;
    }
    const characters = [...words], most = Math.floor(room / 12);
    pen.textAlign = "center";
    (characters.length > most ? [...characters.slice(0, most - 1), "\u22ee"] : characters).forEach((character, place) => pen.fillText(character, x, y + 6 + place * 12));
    pen.textAlign = "left";
  }

  // What lies under a point of the canvas, when the map is scrolled by x and y.
  function under(px, py, x, y) {
    const row = Math.floor((py - top() + y) / size.h), column = Math.floor((px - left() + x) / size.w);
    const on_row = py >= top() && row < shown.rows.length && shown.rows[row].a !== undefined, on_column = px >= left() && column < shown.columns.length;
    return { row: on_row ? row : null, column: on_column ? column : null };
  }

  return { dress, fit, draw, under, whole, left, top, show: (lines, name) => { shown = lines; size = SIZES[name] || SIZES.usual; }, size: () => size };
};
