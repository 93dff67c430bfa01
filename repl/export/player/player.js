"use strict";

// The player: it keeps the state of the step in view and shows it. The state is never
// worked out here: each step brings what it changed (see repl/export/tape.py). Text of the
// user reaches the page through textContent alone.

const run = JSON.parse(document.getElementById("run").textContent);
const total = run.steps.length;
const firstNumber = total ? run.steps[0].number : 1;
const MOST = 40; // entries of a part that are listed
const STRETCH = 80; // steps that the list shows
const PRINTED = 2000; // steps on a printed sheet at most
const PACE = 1200; // milliseconds a step stays while it plays

const by = (id) => document.getElementById(id);
const name = (place) => run.names[place];
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const output = ([id, word, count]) => `(${name(id)}, ${name(word)}, ${count})`;

function element(tag, text, look) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (look) made.className = look;
  return made;
}

// --- The state at a step -------------------------------------------------------------

function empty() {
  return {
    up: true, offset: 0, armed: "", off: [], log: [], sink: [], seen: [], pending: [],
    counts: new Map(), saved: new Map(),
    clean: { counts: new Map(), outputs: [], line: 0 },
  };
}

function copy(state) {
  const clean = state.clean;
  return {
    ...state,
    log: state.log.slice(), sink: state.sink.slice(),
    seen: state.seen.slice(), pending: state.pending.slice(),
    counts: new Map(state.counts), saved: new Map(state.saved),
    clean: { counts: new Map(clean.counts), outputs: clean.outputs.slice(), line: clean.line },
  };
}

function append(list, items) {
  for (const item of items) list.push(item);
  return items.length;
}

function count(counts, pairs) {
  for (const [word, number] of pairs) {
    if (number) counts.set(word, number);
    else counts.delete(word);
  }
  return pairs.length;
}

// Changes the state as a step did; returns how much that took.
function apply(state, change) {
  let work = 1;
  for (const part of ["up", "offset", "armed", "off"]) {
    if (part in change) state[part] = change[part];
  }
  for (const part of ["log", "sink"]) {
    if (part in change) work += append(state[part], change[part]);
  }
  for (const part of ["seen", "pending"]) {
    if (!(part in change)) continue;
    const [stays, added] = change[part];
    work += state[part].length - stays;
    state[part].length = stays;
    work += append(state[part], added);
  }
  if ("words" in change) state.counts = new Map(change.words);
  if ("counts" in change) work += count(state.counts, change.counts);
  for (const [place, held] of change.saved ?? []) {
    state.saved.delete(place);
    state.saved.set(place, held);
  }
  if ("clean" in change) work += applyClean(state.clean, change.clean);
  return work;
}

function applyClean(clean, change) {
  if ("line" in change) clean.line = change.line;
  if ("outputs" in change) append(clean.outputs, change.outputs);
  return "counts" in change ? count(clean.counts, change.counts) : 0;
}

// Copies of the state are kept on the way, so that a jump back is short as well.
const frames = [];
let place = 0;
let state = empty();
let work = 0;
apply(state, run.start);
frames.push({ place: 0, state: copy(state) });

function goTo(wanted) {
  const frame = frames.findLast((each) => each.place <= wanted);
  if (wanted < place || frame.place > place) {
    place = frame.place;
    state = copy(frame.state);
    work = 0;
  }
  while (place < wanted) {
    work += apply(state, run.steps[place].change);
    place += 1;
    const size = state.log.length + state.seen.length + state.sink.length;
    if (work > Math.max(1024, size / 2) && place > frames.at(-1).place) {
      frames.push({ place, state: copy(state) });
      work = 0;
    }
  }
}

// --- The machine ---------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";
const LINES = 5;
const LETTER = 8.6; // width of a letter

const WIDE = {
  look: "wide-machine",
  size: [1000, 330],
  labels: [["source", 10, 22], ["durable", 850, 22]],
  power: [236, 22],
  frame: [220, 34, 520, 172],
  boxes: {
    source: [10, 50, 140, 140],
    seen: [236, 50, 140, 140],
    counts: [394, 50, 150, 140],
    pending: [562, 50, 162, 140],
    sink: [850, 50, 140, 140],
    checkpoints: [394, 256, 596, 64],
  },
  arrows: [
    ["event", 152, 100, 232, 100], ["ack", 232, 150, 152, 150],
    ["", 378, 120, 392, 120], ["", 546, 120, 560, 120],
    ["commit", 728, 120, 846, 120],
    ["checkpoint", 470, 208, 470, 252], ["restore", 640, 252, 640, 208],
  ],
  remarks: [10, 240],
};

const TALL = {
  look: "tall",
  size: [400, 584],
  labels: [],
  power: [18, 186],
  frame: [6, 196, 388, 172],
  boxes: {
    source: [10, 10, 380, 126],
    seen: [16, 210, 108, 146],
    counts: [132, 210, 118, 146],
    pending: [258, 210, 128, 146],
    sink: [206, 420, 184, 126],
    checkpoints: [10, 420, 184, 126],
  },
  arrows: [
    ["event", 260, 140, 260, 192], ["ack", 340, 192, 340, 140],
    ["commit", 322, 372, 322, 416],
    ["save", 30, 372, 30, 416], ["restore", 110, 416, 110, 372],
  ],
  remarks: [12, 572],
};

function drawn(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawBox(svg, part, [x, y, width, height], look) {
  const group = drawn("g", { class: look, "data-part": part });
  group.append(drawn("rect", { class: "box", x, y, width, height, rx: 6 }));
  group.append(drawn("text", { class: "title", x: x + 10, y: y + 22 }, part));
  const lines = [];
  const rows = height < 100 ? 1 : LINES;
  for (let row = 0; row < rows; row += 1) {
    const line = drawn("text", { class: "line", x: x + 10, y: y + 46 + row * 20 });
    lines.push(line);
    group.append(line);
  }
  svg.append(group);
  return { group, lines, letters: Math.floor((width - 16) / LETTER) };
}

function drawArrow(svg, [label, x1, y1, x2, y2]) {
  svg.append(drawn("path", { class: "arrow", d: `M${x1} ${y1}L${x2} ${y2}` }));
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const turned = `translate(${x2} ${y2}) rotate(${angle})`;
  svg.append(drawn("path", { class: "tip", d: "M0 0L-9 -5L-9 5Z", transform: turned }));
  const flat = y1 === y2;
  const at = flat ? { x: (x1 + x2) / 2, y: y1 - 8, "text-anchor": "middle" }
    : { x: x1 + 8, y: (y1 + y2) / 2 + 5 };
  if (label) svg.append(drawn("text", { class: "label", ...at }, label));
}

function machine(layout) {
  const [width, height] = layout.size;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: layout.look });
  const [x, y, broad, high] = layout.frame;
  svg.append(drawn("rect", { class: "frame", x, y, width: broad, height: high, rx: 10 }));
  for (const [text, left, top] of layout.labels) {
    svg.append(drawn("text", { class: "label", x: left, y: top }, text));
  }
  const power = drawn("text", { class: "power", x: layout.power[0], y: layout.power[1] });
  const remarks = drawn("text", { class: "label", x: layout.remarks[0], y: layout.remarks[1] });
  svg.append(power, remarks);
  for (const arrow of layout.arrows) drawArrow(svg, arrow);
  const boxes = {};
  for (const [part, place] of Object.entries(layout.boxes)) {
    const memory = ["seen", "counts", "pending"].includes(part) ? "memory" : "durable";
    boxes[part] = { look: memory, ...drawBox(svg, part, place, memory) };
  }
  return { svg, boxes, power, remarks };
}

const machines = [machine(WIDE), machine(TALL)];

function few(items, show, from) {
  const lines = [];
  const room = LINES - 1;
  const cut = items.length > room;
  const shown = cut ? room - 1 : items.length;
  const start = from === "end" ? items.length - shown : 0;
  if (cut && from === "end") lines.push("…");
  for (let at = start; at < start + shown; at += 1) lines.push(show(items[at]));
  if (cut && from !== "end") lines.push("…");
  return lines;
}

function sourceLines() {
  const due = state.log[state.offset];
  return [
    plural(state.log.length, "event"),
    `offset ${state.offset}`,
    due ? `${name(due[0])} is due` : "none due",
    due ? `  (${name(due[1])})` : "",
  ];
}

function countLines() {
  const pairs = Array.from(state.counts).slice(0, LINES);
  const shown = few(pairs, ([word, number]) => `${name(word)} ${number}`, "start");
  return [plural(state.counts.size, "word"), ...shown];
}

function boxLines() {
  const gone = ["gone"];
  const id = ([event]) => name(event);
  const saved = few(Array.from(state.saved.keys()).reverse(), name, "start");
  const there = state.up || run.durable;
  return {
    source: sourceLines(),
    seen: there ? [plural(state.seen.length, "id"), ...few(state.seen, name, "start")] : gone,
    counts: there ? countLines() : gone,
    pending: there
      ? [plural(state.pending.length, "output"), ...few(state.pending, output, "start")] : gone,
    sink: [plural(state.sink.length, "output"), ...few(state.sink, output, "end")],
    checkpoints: saved.length ? saved : ["none"],
  };
}

function cut(text, letters) {
  const signs = Array.from(text);
  return signs.length <= letters ? text : `${signs.slice(0, letters - 1).join("")}…`;
}

function hotParts(change) {
  const hot = new Set();
  for (const part of ["seen", "counts", "pending", "sink"]) if (part in change) hot.add(part);
  if ("words" in change) hot.add("counts");
  if ("log" in change || "offset" in change) hot.add("source");
  if ("saved" in change) hot.add("checkpoints");
  return hot;
}

function showMachine() {
  const lines = boxLines();
  const hot = place ? hotParts(run.steps[place - 1].change) : new Set();
  const off = state.off.length ? `without ${state.off.join(", ")}` : "";
  const down = run.durable ? "DOWN: the disk has this" : "DOWN: memory is gone";
  const power = `processor ${state.up ? "UP" : down}`;
  const waits = state.armed ? `a crash waits: ${state.armed}` : "";
  const said = Object.entries(lines).map(([part, told]) => `${part}: ${told[0]}`);
  for (const each of machines) {
    each.svg.classList.toggle("down", !state.up);
    each.svg.setAttribute("aria-label", `The machine. ${power}. ${said.join(", ")}.`);
    each.power.textContent = power;
    each.remarks.textContent = [off, waits].filter(Boolean).join(" · ");
    for (const [part, box] of Object.entries(each.boxes)) {
      box.group.setAttribute("class", hot.has(part) ? `${box.look} hot` : box.look);
      box.lines.forEach((line, row) => {
        const told = box.lines.length === 1 ? lines[part].join("  ") : lines[part][row] ?? "";
        line.textContent = cut(told, box.letters);
      });
    }
  }
}

// --- What is said of the step --------------------------------------------------------

const LOOKS = { added: "good", kept: "good", removed: "bad", lost: "bad", wrong: "bad",
  changed: "same" };

function fillRows(list, rows, none) {
  const parts = [];
  for (const [label, sign, text, note, look] of rows) {
    parts.push(element("dt", label));
    const told = element("dd");
    told.append(element("span", sign ? `${sign} ${text}` : text, LOOKS[look] ?? ""));
    if (note) told.append(element("span", `  ${note}`, "note"));
    parts.push(told);
  }
  if (!rows.length && none) parts.push(element("dt", none), element("dd"));
  list.replaceChildren(...parts);
}

function showTold() {
  const step = run.steps[place - 1];
  const command = by("command");
  if (!step) {
    command.textContent = "the start";
    by("verdict").textContent = "";
    by("headline").textContent = total ? "Nothing has happened yet." : "This run has no steps.";
    fillRows(by("changed"), [], "nothing");
    fillRows(by("why"), [], "");
    by("deliveries").replaceChildren();
    by("related").replaceChildren();
    by("meaning").textContent = "";
    return;
  }
  command.replaceChildren(`[${step.number}] > `, element("strong", step.command));
  by("verdict").textContent = `${step.verdict}${step.subject ? ` ${step.subject}` : ""}:`;
  by("verdict").className = step.look;
  by("headline").textContent = step.lost ? `${step.headline} (lost or undone later)` : step.headline;
  fillRows(by("changed"), step.changed, "nothing");
  fillRows(by("why"), step.why, step.deliveries.length ? "" : step.headline);
  by("deliveries").replaceChildren(...step.deliveries.map((told) =>
    element("li", told.filter(Boolean).join("  "))));
  by("meaning").replaceChildren(element("strong", step.verb), `: ${run.commands[step.verb]}`);
  showRelated(step);
}

const touching = new Map(); // id -> the places of the steps that delivered it
run.steps.forEach((step, at) => {
  for (const id of step.ids) {
    if (!touching.has(id)) touching.set(id, []);
    touching.get(id).push(at + 1);
  }
});

function showRelated(step) {
  const line = by("related");
  line.replaceChildren();
  for (const id of step.ids.slice(0, 3)) {
    const others = touching.get(id).filter((at) => at !== place).slice(0, 12);
    if (!others.length) continue;
    if (line.childNodes.length) line.append(" · ");
    line.append(element("span", name(id), "typed"), " also in");
    for (const at of others) {
      const link = element("a", `step ${numberOf(at)}`);
      link.href = `#step-${numberOf(at)}`;
      line.append(" ", link);
    }
  }
}

// --- Beside the run without a fault --------------------------------------------------

function tally(outputs) {
  const times = new Map();
  for (const [id] of outputs) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

function difference(here, there) {
  const same = here.length === there.length
    && here.every((each, at) => each.every((value, column) => value === there[at][column]));
  if (same) return "same";
  const [ours, theirs] = [tally(here), tally(there)];
  const sum = (some, other) => {
    let more = 0;
    for (const [id, times] of some) more += Math.max(times - (other.get(id) ?? 0), 0);
    return more;
  };
  const missing = sum(theirs, ours);
  const extra = sum(ours, theirs);
  const told = [];
  if (missing) told.push(`${missing} missing`);
  if (extra) told.push(`${extra} too many`);
  return told.join(", ") || "other counts, or another order";
}

function comparedCounts() {
  const rows = [];
  const { counts, clean } = state;
  for (const word of new Set([...clean.counts.keys(), ...counts.keys()])) {
    const [here, there] = [counts.get(word) ?? 0, clean.counts.get(word) ?? 0];
    const more = Math.abs(here - there);
    const told = here === there ? "same" : `${more} ${here < there ? "missing" : "too many"}`;
    rows.push([`counts ${name(word)}`, here, there, told]);
  }
  const differing = rows.filter((row) => row[3] !== "same");
  if (rows.length <= 8) return rows;
  if (!differing.length) {
    return [["counts", plural(counts.size, "word"), plural(clean.counts.size, "word"), "same"]];
  }
  const left = differing.length - 8;
  return left > 0 ? [...differing.slice(0, 8), ["counts", "…", "…", `${left} more differ`]]
    : differing;
}

function compared() {
  const { outputs, line } = state.clean;
  const [pending, sink] = [outputs.slice(line), outputs.slice(0, line)];
  const seen = state.seen.map((id) => [id]);
  const all = state.log.map(([id]) => [id]);
  const log = state.log.length;
  return [
    ...comparedCounts(),
    ["seen", plural(seen.length, "id"), plural(log, "id"), difference(seen, all)],
    ["pending", plural(state.pending.length, "output"), plural(pending.length, "output"),
      difference(state.pending, pending)],
    ["sink", plural(state.sink.length, "output"), plural(line, "output"),
      difference(state.sink, sink)],
    ["offset", state.offset, log, state.offset === log ? "same" : `${log - state.offset} due`],
  ];
}

function showBeside() {
  if (run.fault === null) return;
  const rows = compared();
  const differing = rows.filter((row) => row[3] !== "same").map((row) => row[0]);
  const parts = [...new Set(differing.map((label) => label.split(" ")[0]))];
  by("same").textContent = parts.length ? "DIFFERENT" : "SAME";
  by("same").className = parts.length ? "bad" : "good";
  const early = place < run.fault ? "no fault so far" : "as if there had been no fault";
  by("differing").textContent = parts.length ? `in ${parts.join(", ")}` : early;
  by("compared").replaceChildren(...rows.map(([label, here, there, told]) => {
    const row = element("tr");
    const head = element("th", label);
    head.scope = "row";
    row.append(head, element("td", here), element("td", there),
      element("td", told, told === "same" ? "" : "bad"));
    return row;
  }));
}

// --- All that it holds ---------------------------------------------------------------

const PARTS = {
  source: () => [state.log.length, "event", (at) => {
    const [id, word] = state.log[at];
    return `${at < state.offset ? "acked" : at === state.offset ? "due  " : "waits"}  ` +
      `${name(id)}  ${name(word)}`;
  }],
  seen: () => [state.seen.length, "id", (at) => name(state.seen[at])],
  counts: () => {
    const pairs = Array.from(state.counts);
    return [pairs.length, "word", (at) => `${name(pairs[at][0])}  ${pairs[at][1]}`];
  },
  pending: () => [state.pending.length, "output", (at) => output(state.pending[at])],
  sink: () => [state.sink.length, "output", (at) => output(state.sink[at])],
  checkpoints: () => {
    const saved = Array.from(state.saved);
    return [saved.length, "checkpoint", (at) => `${name(saved[at][0])}  ${saved[at][1]}`];
  },
};

const panels = Object.keys(PARTS).map((part) => {
  const panel = element("div");
  const title = element("h3");
  const list = element("ul");
  title.id = `part-${part}`;
  list.dataset.part = part;
  list.setAttribute("aria-labelledby", title.id);
  panel.append(title, list);
  by("values").append(panel);
  return { part, title, list };
});

function showValues() {
  for (const { part, title, list } of panels) {
    const [length, noun, show] = PARTS[part]();
    title.textContent = `${part}: ${plural(length, noun)}`;
    const start = Math.max(length - MOST, 0);
    const items = start ? [element("li", `… ${start} before these`)] : [];
    for (let at = start; at < length; at += 1) items.push(element("li", show(at)));
    list.replaceChildren(...items);
    if (length > 8) list.tabIndex = 0; // it scrolls, so the keyboard must get there
    else list.removeAttribute("tabindex");
  }
}

// --- Going from step to step ---------------------------------------------------------

const numberOf = (at) => firstNumber + at - 1;
const links = new Map(); // place -> its link in the list
let playing = 0;
let settling = 0;

function listed(at) {
  const step = run.steps[at - 1];
  const [command, verdict, look, lost] = step
    ? [step.command, step.verdict, step.look, step.lost] : ["the start", "", "", false];
  const item = element("li");
  const link = element("a", undefined, lost ? "lost" : "");
  link.href = `#step-${numberOf(at)}`;
  link.tabIndex = -1;
  link.append(element("span", at ? numberOf(at) : "·", "number"),
    element("span", command, "typed"), element("span", verdict, `verdict ${look}`));
  if (lost) link.append(element("span", "lost or undone later", "unseen"));
  item.append(link);
  return item;
}

// Lists the steps around one: of a long run a stretch, so that the page stays quick.
function listAround(at) {
  const start = Math.max(Math.min(at - STRETCH / 2, total + 1 - STRETCH), 0);
  const end = Math.min(start + STRETCH, total + 1);
  const items = [];
  links.clear();
  if (start) items.push(element("li", `… ${start} before these`, "more"));
  for (let each = start; each < end; each += 1) {
    const item = listed(each);
    links.set(each, item.firstChild);
    items.push(item);
  }
  if (end <= total) items.push(element("li", `… ${total + 1 - end} behind these`, "more"));
  by("steps").replaceChildren(...items);
}

function mark(old) {
  const focused = by("steps").contains(document.activeElement);
  links.get(old)?.removeAttribute("aria-current");
  links.get(old)?.setAttribute("tabindex", -1);
  if (!links.has(place)) listAround(place);
  const link = links.get(place);
  link.setAttribute("aria-current", "step");
  link.tabIndex = 0;
  if (focused) link.focus({ preventScroll: true });
  const list = by("steps");
  const item = link.parentElement;
  const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top - 40;
  else if (bottom > list.scrollTop + list.clientHeight) {
    list.scrollTop = bottom - list.clientHeight + 40;
  }
}

function show(wanted) {
  const old = place;
  goTo(Math.min(Math.max(wanted, 0), total));
  by("scrubber").value = place;
  const step = run.steps[place - 1];
  const spoken = step ? `step ${step.number}: ${step.command}` : "the start";
  by("scrubber").setAttribute("aria-valuetext", spoken);
  by("position").textContent = step ? `step ${step.number} of ${numberOf(total)}` : "the start";
  showTold();
  showMachine();
  showBeside();
  showValues();
  mark(old);
  clearTimeout(settling); // a browser objects to a new address for every step of a scrub
  settling = setTimeout(() => history.replaceState(null, "", `#step-${numberOf(place)}`), 200);
}

function pause() {
  clearInterval(playing);
  playing = 0;
  by("play").textContent = "Play";
}

function play() {
  if (place === total) show(0);
  by("play").textContent = "Pause";
  playing = setInterval(() => {
    show(place + 1);
    if (place === total) pause();
  }, PACE);
}

function visit(wanted) {
  pause();
  show(wanted);
}

function addressed() {
  const found = /^#step-(-?\d+)$/.exec(location.hash);
  return found ? Number(found[1]) - firstNumber + 1 : null;
}

const KEYS = {
  ArrowLeft: () => place - 1, ArrowRight: () => place + 1, Home: () => 0, End: () => total,
};

function start() {
  document.title = `A run of ${plural(total, "step")} in Oncelab`;
  by("title").textContent = document.title;
  by("machine").append(...machines.map((each) => each.svg));
  by("beside").hidden = run.fault === null;
  by("scrubber").max = total;
  by("first").addEventListener("click", () => visit(0));
  by("previous").addEventListener("click", () => visit(place - 1));
  by("next").addEventListener("click", () => visit(place + 1));
  by("last").addEventListener("click", () => visit(total));
  by("play").addEventListener("click", () => (playing ? pause() : play()));
  by("scrubber").addEventListener("input", (event) => visit(event.target.valueAsNumber));
  addEventListener("hashchange", () => {
    const wanted = addressed();
    if (wanted !== null && wanted !== place) visit(wanted);
  });
  addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    if (modified || !(event.key in KEYS) || event.target === by("scrubber")) return;
    event.preventDefault();
    visit(KEYS[event.key]());
  });
  addEventListener("beforeprint", () => by("steps").replaceChildren(
    ...run.steps.slice(0, PRINTED).map((_, at) => listed(at + 1))));
  addEventListener("afterprint", () => { listAround(place); mark(place); });
  show(addressed() ?? 0);
}

start();
