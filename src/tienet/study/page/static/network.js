"use strict";
// The network: what the buttons of the page alone cannot do. Without this script the picture and its first filters still work.
(() => {
  const by = id => document.getElementById(id);
  if (!by("net-data")) return;
  const data = JSON.parse(by("net-data").textContent), words = data.words;
  const picture = by("net-picture"), live = by("net-live"), about = by("net-one"), find = by("net-find"), least = by("net-least");
  const from = by("net-from"), to = by("net-to"), color = by("net-color"), size = by("net-size"), only = by("net-only");
  const levels = [...document.querySelectorAll("input[name=net-level]")];
  const functions = [...document.querySelectorAll("input[name=net-function]")], values = [...document.querySelectorAll("input[name=net-value]")];
  const marks = [...picture.querySelectorAll(".mark")], hint = about.textContent;
  const NS = "http://www.w3.org/2000/svg", COLORS = 7;
  const noun = data.people ? words.people : words.groups, lines = data.people ? words.ties : words.lines;
  const all = marks.map(() => 0), toOf = marks.map(() => 0);
  data.a.forEach((a, e) => {
    const b = data.b[e];
    all[a]++; all[b]++;
    if (data.group[b] === data.of) toOf[a]++;
    if (data.group[a] === data.of) toOf[b]++;
  });
  const start = levels.find(one => one.checked);
  let threshold = data.first, alone = false, shown = [], ties = [], near = new Map(), pinned = -1, hovered = -1, focused = -1;

  const say = n => n.toLocaleString("en-US", { maximumFractionDigits: n < 10 ? 2 : n < 100 ? 1 : 0 });
  const fill = (text, held) => text.replace(/\{(\w+)\}/g, (whole, name) => name in held ? held[name] : whole);
  const counted = (n, kind) => fill(n === 1 ? kind.one : kind.other, { n: say(n) });
  const contacts = e => data.w && data.w.length ? data.w.slice(+from.value, +to.value + 1).reduce((sum, row) => sum + row[e], 0) : 1;
  const told = e => data.w && data.w.length ? contacts(e) : data.n[e];
  const here = () => hovered >= 0 ? hovered : pinned >= 0 ? pinned : focused;
  const other = (e, i) => data.a[e] === i ? data.b[e] : data.a[e];

  function choose() {
    const on = new Set(functions.filter(box => box.checked).map(box => +box.value));
    const off = data.attributes.map((_, k) => new Set(values.filter(box => +box.dataset.attribute === k && !box.checked).map(box => +box.value)));
    shown = marks.map((_, i) => on.has(data.group[i]) && off.every((gone, k) => !gone.has(data.attributes[k].codes[i])));
    ties = [];
    near = new Map(marks.map((_, i) => [i, []]));
    for (let e = 0; e < data.a.length; e++) {
      const a = data.a[e], b = data.b[e], mine = alone && (a === pinned || b === pinned);
      if (alone ? !mine : data.s[e] < threshold) continue;
      if (!shown[a] || !shown[b] || !(contacts(e) > 0)) continue;
      ties.push(e);
      near.get(a).push(e);
      near.get(b).push(e);
    }
    by("net-least-words").value = threshold > 0 ? say(threshold) : words.every;
    const count = { drawn: say(ties.length), all: counted(data.a.length, lines), marks: counted(shown.filter(Boolean).length, noun) };
    by("net-status").textContent = fill(words.status, count);
    style();
    mark();
  }

  // Colours and sizes of the marks.
  function style() {
    const k = color ? +color.value : -1, what = size ? size.value : "same";
    const count = what === "ties" ? all : toOf, most = Math.max(1, ...count);
    marks.forEach((one, i) => {
      for (let c = 0; c < COLORS; c++) one.classList.remove("c" + c);
      one.classList.add("c" + (k < 0 ? data.group[i] : data.attributes[k].codes[i]) % COLORS);
      const scale = data.size[i] * (what === "same" ? 1 : 0.55 + 1.15 * Math.sqrt(count[i] / most));
      one.setAttribute("transform", `translate(${data.x[i]} ${data.y[i]}) scale(${scale.toFixed(2)})`);
    });
  }

  function mark() {
    const query = find.value.trim().toLowerCase(), at = here();
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
    picture.querySelectorAll(".names > *, .rings > *").forEach(one => {
      const g = [...one.classList].find(name => /^f\d+$/.test(name));
      one.style.display = functions[+g.slice(1)].checked ? "" : "none";
    });
    if (!marks.some((one, i) => one.tabIndex === 0 && shown[i])) rove(shown.indexOf(true));
    by("net-found").value = query === "" ? "" : fill(words.found, { marks: counted(found.filter(Boolean).length, noun) });
    only.disabled = pinned < 0;
    only.setAttribute("aria-pressed", alone);
    describe(at);
    draw(at);
  }

  // Lines as few paths: by strength, those of the mark that is pointed at last.
  function draw(at) {
    const made = [], mine = new Set(at < 0 ? [] : near.get(at));
    const path = (kind, held, width) => {
      if (!held.length) return;
      const one = document.createElementNS(NS, "path");
      one.setAttribute("class", kind);
      one.setAttribute("d", held.map(e => `M${data.x[data.a[e]]} ${data.y[data.a[e]]}L${data.x[data.b[e]]} ${data.y[data.b[e]]}`).join(""));
      if (width) one.setAttribute("stroke-width", width);
      made.push(one);
    };
    const far = at >= 0 ? " far" : "", rest = ties.filter(e => !mine.has(e));
    if (data.people) {
      const strong = data.levels.few === undefined ? Infinity : data.levels.few;
      const groups = new Map();
      for (const e of rest) {
        const key = [data.group[data.a[e]], data.group[data.b[e]], data.s[e] >= strong ? "s0" : "s1"].join(" ");
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(e);
      }
      for (const [key, held] of groups) path(key.split(" ")[2] + far, held);
      path("s0 near", [...mine]);
    } else {
      const most = Math.max(...data.s, 1), width = e => (1.2 + 9 * data.s[e] / most).toFixed(1);
      for (const e of rest.reverse()) path("s0" + far, [e], width(e));
      for (const e of mine) path("s0 near", [e], width(e));
    }
    live.replaceChildren(...made);
  }

  function line(kind, text) {
    const made = document.createElement(kind);
    made.textContent = text;
    return made;
  }

  function describe(at) {
    if (at < 0) { about.replaceChildren(line("p", hint)); return; }
    const mine = near.get(at).slice().sort((e, f) => data.s[f] - data.s[e]), list = document.createElement("ul");
    about.replaceChildren(line("h3", data.labels[at]));
    if (data.people) {
      const where = new Map();
      for (let e = 0; e < data.a.length; e++) {
        if (data.a[e] !== at && data.b[e] !== at) continue;
        const group = data.groups[data.group[other(e, at)]];
        where.set(group, (where.get(group) || 0) + 1);
      }
      const spread = [...where].sort((one, two) => two[1] - one[1]).map(([name, n]) => name + " " + say(n)).join(", ");
      about.append(line("p", data.groups[data.group[at]] + ". " + fill(words.own, { all: counted(all[at], lines), n: say(mine.length) })));
      if (spread) about.append(line("p", fill(words.to, { list: spread })));
      if (mine.length) about.append(line("p", words.strongest));
      for (const e of mine.slice(0, 6)) list.append(line("li", fill(words.tie, { label: data.labels[other(e, at)], strength: say(data.s[e]), interactions: say(told(e)) })));
    } else {
      const within = data.within[at];
      about.append(line("p", counted(data.members[at], words.people) + "." + (within ? " " + fill(words.within, { n: counted(within, words.ties) }) : "")));
      if (mine.length) about.append(line("p", words.to_groups));
      for (const e of mine.slice(0, 8)) list.append(line("li", fill(words.line, { label: data.labels[other(e, at)], ties: counted(data.s[e], words.ties) })));
    }
    if (list.children.length) about.append(list);
  }

  function rove(to) { marks.forEach((one, i) => { one.tabIndex = i === to ? 0 : -1; }); }

  function toward(i, dx, dy) {
    let best = -1, cheapest = Infinity;
    for (let j = 0; j < marks.length; j++) {
      const x = data.x[j] - data.x[i], y = data.y[j] - data.y[i], along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      const cost = along + 2 * aside;
      if (j !== i && shown[j] && along > 0 && aside <= 1.5 * along && cost < cheapest) { best = j; cheapest = cost; }
    }
    return best;
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  picture.addEventListener("keydown", event => {
    const i = marks.indexOf(document.activeElement);
    if (i < 0) return;
    let next = -1;
    if (event.key in ARROWS) next = toward(i, ...ARROWS[event.key]);
    else if (event.key === "Home") next = shown.indexOf(true);
    else if (event.key === "End") next = shown.lastIndexOf(true);
    else if (event.key === "Enter" || event.key === " ") pin(pinned === i ? -1 : i);
    else if (event.key === "Escape") letGo();
    else return;
    event.preventDefault();
    if (next >= 0) { hovered = -1; if (pinned >= 0) pin(-1); rove(next); marks[next].focus({ preventScroll: true }); }
  });
  // On the parent element: an svg with a focus listener takes the focus itself.
  picture.parentElement.addEventListener("focusin", event => { focused = marks.indexOf(event.target); mark(); });
  picture.parentElement.addEventListener("focusout", () => { focused = -1; mark(); });

  function pin(at) {
    pinned = at;
    if (at < 0 || alone) { alone = alone && at >= 0; choose(); } else mark();
  }

  function letGo() {
    hovered = focused = -1;
    find.value = "";
    pin(-1);
  }

  function under(event) {
    const box = picture.getBoundingClientRect(), scale = 1000 / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale, reach = (event.pointerType === "touch" ? 24 : 14) * scale;
    let best = -1, closest = Infinity;
    for (let i = 0; i < marks.length; i++) {
      const off = Math.hypot(data.x[i] - x, data.y[i] - y), far = data.people ? reach : Math.max(reach, 7.5 * data.size[i]);
      if (shown[i] && off < far && off < closest) { best = i; closest = off; }
    }
    return best;
  }

  picture.addEventListener("pointermove", event => {
    if (event.pointerType === "touch") return;
    const now = under(event);
    if (now !== hovered) { hovered = now; mark(); }
  });
  picture.addEventListener("pointerleave", () => { if (hovered >= 0) { hovered = -1; mark(); } });
  picture.addEventListener("click", event => {
    const now = under(event);
    if (now >= 0) rove(now);
    pin(now === pinned ? -1 : now);
  });

  find.addEventListener("input", mark);
  find.addEventListener("keydown", event => {
    if (event.key === "Escape") { letGo(); event.preventDefault(); }
    if (event.key !== "Enter") return;
    const first = marks.findIndex(one => one.classList.contains("found"));
    if (first >= 0) { rove(first); marks[first].focus({ preventScroll: true }); }
  });
  const place = value => data.steps.reduce((best, one, at) => Math.abs(one - value) < Math.abs(data.steps[best] - value) ? at : best, 0);
  for (const one of levels) one.addEventListener("change", () => { threshold = data.levels[one.value]; least.value = place(threshold); choose(); });
  least.addEventListener("input", () => {
    threshold = data.steps[+least.value];
    for (const one of levels) one.checked = data.levels[one.value] === threshold;
    choose();
  });
  for (const box of [...functions, ...values]) box.addEventListener("change", choose);
  if (color) color.addEventListener("change", style);
  if (size) size.addEventListener("change", style);
  if (from) {
    from.addEventListener("change", () => { if (+to.value < +from.value) to.value = from.value; choose(); });
    to.addEventListener("change", () => { if (+to.value < +from.value) from.value = to.value; choose(); });
  }
  only.addEventListener("click", () => { alone = !alone; choose(); });
  by("net-reset").addEventListener("click", () => {
    start.checked = true;
    threshold = data.first;
    least.value = place(threshold);
    if (from) { from.value = 0; to.value = to.options.length - 1; }
    if (color) color.value = -1;
    if (size) size.value = "same";
    for (const box of [...functions, ...values]) box.checked = true;
    alone = false;
    letGo();
    choose();
  });

  // The picture as a file of its own: what the style sheet says is written into it.
  by("net-save").addEventListener("click", event => {
    const copy = picture.cloneNode(true), held = [...picture.querySelectorAll("*")], made = [...copy.querySelectorAll("*")];
    const kept = ["fill", "stroke", "stroke-width", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "paint-order"];
    held.forEach((one, i) => {
      const look = getComputedStyle(one);
      if (look.display === "none" && !one.closest("defs")) made[i].setAttribute("display", "none");
      else for (const name of kept) made[i].setAttribute(name, look.getPropertyValue(name));
      for (const name of ["class", "style", "tabindex", "role", "aria-pressed", "aria-label"]) made[i].removeAttribute(name);
    });
    copy.querySelectorAll("[display=none]").forEach(one => one.remove());
    for (const name of ["class", "id", "role", "aria-labelledby"]) copy.removeAttribute(name);
    copy.setAttribute("xmlns", NS);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    link.download = event.currentTarget.dataset.file;
    link.click();
    URL.revokeObjectURL(link.href);
  });

  picture.classList.remove("plain");
  picture.querySelector(".ties").remove();
  picture.setAttribute("role", "group");
  marks.forEach((one, i) => { one.setAttribute("role", "button"); one.setAttribute("aria-label", data.labels[i]); one.dataset.at = i; });
  rove(0);
  document.querySelectorAll("#network [data-scripted]").forEach(one => { one.hidden = false; });
  least.value = place(threshold);
  choose();
})();
