(() => {
"use strict";
const by = id => document.getElementById(id);
const data = JSON.parse(by("net-data").textContent);
const svg = by("net-marks"), canvas = by("net-ties"), about = by("net-about"), search = by("net-search");
const level = by("net-level"), from = by("net-from"), to = by("net-to");
const boxes = [...document.querySelectorAll("input[name=net-group]")];
const marks = [...svg.querySelectorAll(".mark")];
const hint = about.textContent;
const noun = data.people ? ["person", "people"] : ["function", "functions"];
const lines = data.people ? ["tie", "ties"] : ["pair of functions", "pairs of functions"];
const all = marks.map(() => 0);
for (const end of [...data.a, ...data.b]) all[end]++;
const start = { level: level.value, to: to && to.value };
let shown = [], ties = [], near = new Map(), pinned = -1, hovered = -1, focused = -1;

const say = n => n.toLocaleString("en-US", { maximumFractionDigits: n < 10 ? 2 : n < 100 ? 1 : 0 });
const counted = (n, [one, many]) => say(n) + " " + (n === 1 ? one : many);
const sum = values => values.reduce((all, one) => all + one, 0);
const contacts = e => data.w.length ? sum(data.w.slice(+from.value, +to.value + 1).map(row => row[e])) : data.n[e];
const here = () => hovered >= 0 ? hovered : pinned >= 0 ? pinned : focused;

function choose() {
  const on = new Set(boxes.filter(box => box.checked).map(box => +box.value));
  const least = data.levels[+level.value];
  shown = marks.map((_, i) => on.has(data.group[i]));
  ties = [];
  near = new Map(marks.map((_, i) => [i, []]));
  for (let e = 0; e < data.a.length; e++) {
    if (data.s[e] < least || !shown[data.a[e]] || !shown[data.b[e]] || !(contacts(e) > 0)) continue;
    ties.push(e);
    near.get(data.a[e]).push(e);
    near.get(data.b[e]).push(e);
  }
  tell(least);
  mark();
}

function tell(least) {
  by("net-level-text").value = +level.value === 0 ? "all" : "at least " + say(least);
  if (from) {
    by("net-from-text").value = "from " + data.windows[+from.value][0];
    by("net-to-text").value = "to " + data.windows[+to.value][1];
  }
  by("net-status").textContent =
    say(ties.length) + " of " + counted(data.a.length, lines) + " drawn, " + counted(shown.filter(Boolean).length, noun) + " shown.";
}

function mark() {
  const query = search.value.trim().toLowerCase(), at = here();
  const found = marks.map((_, i) => query !== "" && shown[i] && data.labels[i].toLowerCase().includes(query));
  const beside = new Set(at < 0 ? [] : near.get(at).map(e => other(e, at)));
  const some = query !== "" || at >= 0;
  marks.forEach((one, i) => {
    one.toggleAttribute("hidden", !shown[i]);
    one.style.display = shown[i] ? "" : "none";
    one.classList.toggle("found", found[i]);
    one.classList.toggle("here", i === at);
    one.classList.toggle("near", beside.has(i));
    one.classList.toggle("dim", some && i !== at && !found[i] && !beside.has(i));
    one.setAttribute("aria-pressed", i === pinned);
  });
  if (!marks.some((one, i) => one.tabIndex === 0 && shown[i])) rove(shown.indexOf(true));
  by("net-found").value = query === "" ? "" : counted(found.filter(Boolean).length, noun) + " found";
  describe(at);
  draw(at);
}

const other = (e, i) => data.a[e] === i ? data.b[e] : data.a[e];

function line(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function describe(at) {
  if (at < 0) { about.replaceChildren(line("p", hint)); return; }
  const mine = near.get(at).slice().sort((e, f) => data.s[f] - data.s[e]);
  const where = new Map();
  for (const e of mine) {
    const group = data.groups[data.group[other(e, at)]];
    where.set(group, (where.get(group) || 0) + 1);
  }
  const list = document.createElement("ul");
  if (data.people) {
    about.replaceChildren(line("h3", data.labels[at]), line("p", data.groups[data.group[at]] + ". " + counted(all[at], lines) + ", " + say(mine.length) + " drawn."));
    const spread = [...where].sort((one, two) => two[1] - one[1]).map(([name, n]) => name + " " + n).join(", ");
    if (spread) about.append(line("p", "To: " + spread + "."));
    if (mine.length) about.append(line("p", "Strongest ties (strength; interactions in the periods shown):"));
    for (const e of mine.slice(0, 6)) list.append(line("li", data.labels[other(e, at)] + ": " + say(data.s[e]) + "; " + say(contacts(e))));
  } else {
    about.replaceChildren(line("h3", data.labels[at]), line("p", counted(data.members[at], ["person", "people"]) + "."));
    for (const e of mine) list.append(line("li", data.labels[other(e, at)] + ": " + counted(data.n[e], ["tie", "ties"]) +
      ", " + say(100 * data.d[e]) + "% of the pairs"));
  }
  about.append(list);
}

function draw(at) {
  const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  const pen = canvas.getContext("2d"), scale = canvas.width / 1000;
  pen.scale(scale, scale);
  const most = Math.max(...data.s, 1e-9), faint = Math.min(0.5, Math.max(0.1, 180 / Math.max(ties.length, 1)));
  const stroke = (e, colour, alpha) => {
    pen.strokeStyle = colour;
    pen.globalAlpha = alpha;
    pen.lineWidth = (data.people ? 0.8 : 2) + (data.people ? 3 : 14) * data.s[e] / most;
    pen.beginPath();
    pen.moveTo(data.x[data.a[e]], data.y[data.a[e]]);
    pen.lineTo(data.x[data.b[e]], data.y[data.b[e]]);
    pen.stroke();
  };
  for (const e of ties) stroke(e, "#33414e", at < 0 ? faint : faint / 3);
  if (at >= 0) for (const e of near.get(at)) stroke(e, "#1c2733", 0.8);
}

function rove(to) {
  marks.forEach((one, i) => { one.tabIndex = i === to ? 0 : -1; });
}

function toward(i, dx, dy) {
  let best = -1, least = Infinity;
  for (let j = 0; j < marks.length; j++) {
    const x = data.x[j] - data.x[i], y = data.y[j] - data.y[i], along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
    const cost = along + 2 * aside;
    if (j !== i && shown[j] && along > 0 && aside <= 1.5 * along && cost < least) { best = j; least = cost; }
  }
  return best;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

svg.addEventListener("keydown", event => {
  const i = marks.indexOf(document.activeElement);
  if (i < 0) return;
  let next = -1;
  if (event.key in ARROWS) next = toward(i, ...ARROWS[event.key]);
  else if (event.key === "Home") next = shown.indexOf(true);
  else if (event.key === "End") next = shown.lastIndexOf(true);
  else if (event.key === "Enter" || event.key === " ") { pinned = pinned === i ? -1 : i; mark(); }
  else if (event.key === "Escape") letGo();
  else return;
  event.preventDefault();
  if (next >= 0) { pinned = -1; hovered = -1; rove(next); marks[next].focus({ preventScroll: true }); }
});
// On the parent element: an svg with a focus listener takes the focus itself.
svg.parentElement.addEventListener("focusin", event => { focused = marks.indexOf(event.target); mark(); });
svg.parentElement.addEventListener("focusout", () => { focused = -1; mark(); });

function letGo() {
  pinned = hovered = focused = -1;
  search.value = "";
  mark();
}

function under(event) {
  const box = svg.getBoundingClientRect(), scale = 1000 / box.width;
  const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
  const reach = (event.pointerType === "touch" ? 24 : 14) * scale;
  let best = -1, least = data.people ? reach : 60;
  for (let i = 0; i < marks.length; i++) {
    const far = Math.hypot(data.x[i] - x, data.y[i] - y);
    if (shown[i] && far < least) { best = i; least = far; }
  }
  return best;
}

svg.addEventListener("pointermove", event => {
  const now = under(event);
  if (now !== hovered) { hovered = now; mark(); }
});
svg.addEventListener("pointerleave", () => { if (hovered >= 0) { hovered = -1; mark(); } });
svg.addEventListener("click", event => {
  const now = under(event);
  pinned = now === pinned ? -1 : now;
  if (now >= 0) rove(now);
  mark();
});

search.addEventListener("input", mark);
search.addEventListener("keydown", event => {
  if (event.key === "Escape") { letGo(); event.preventDefault(); }
  if (event.key !== "Enter") return;
  const first = marks.findIndex(one => one.classList.contains("found"));
  if (first >= 0) { rove(first); marks[first].focus({ preventScroll: true }); }
});
level.addEventListener("input", choose);
boxes.forEach(box => box.addEventListener("change", choose));
if (from) {
  from.addEventListener("input", () => { if (+to.value < +from.value) to.value = from.value; choose(); });
  to.addEventListener("input", () => { if (+to.value < +from.value) from.value = to.value; choose(); });
}
by("net-reset").addEventListener("click", () => {
  level.value = start.level;
  if (from) { from.value = 0; to.value = start.to; }
  boxes.forEach(box => { box.checked = true; });
  letGo();
  choose();
});
new ResizeObserver(() => draw(here())).observe(canvas);
window.addEventListener("beforeprint", () => draw(here()));
choose();
})();
