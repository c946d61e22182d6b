// The lab's page: asks, sends what is set to the lab, and steps through the events that come back.
"use strict";

const { stations, texts, mostMessages } = JSON.parse(document.getElementById("data").textContent);
const token = document.querySelector("meta[name=lab-token]").content;
const byId = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const STEP_TIME = 900; // milliseconds, while it plays by itself
const MOVE_TIME = 350;
const LONGEST_RUN = 24; // bytes that are drawn one by one; a longer run is a bar

// What is shown now.
const state = {
  room: "guided",
  station: 1,
  seen: "0".repeat(stations.length), // per question: 0 not run, 1 run, 2 foreseen
  sides: [],
  at: 0,
  steps: 0,
  timer: null,
};

// ---- small helpers

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

function fill(text, values) {
  return text.replace(/%\{(\w+)\}/g, (_, name) => values[name]);
}

function bytesOf(hex) {
  return hex === "" ? [] : hex.split(" ").map((pair) => parseInt(pair, 16));
}

function numbersIn(text) {
  return text.split(/[\s,，、]+/).filter((word) => word !== "").map(Number);
}

function areSizes(sizes, least) {
  return sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= least);
}

// The bytes as text, if they are; what cannot be read as \xNN.
function asText(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes));
    return text.replace(/[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, escapeSign);
  } catch {
    return bytes.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "\\x" + hexPair(byte))).join("");
  }
}

function escapeSign(sign) {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[sign];
  return short ?? "\\u" + sign.codePointAt(0).toString(16).padStart(4, "0");
}

function hexPair(byte) {
  return byte.toString(16).padStart(2, "0");
}

// One byte in its cell: its sign if it has one, else its two hexadecimal digits.
function signOf(byte, isHeader) {
  if (isHeader && (byte < 33 || byte > 126)) return hexPair(byte);
  if (byte === 32) return "␣";
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : hexPair(byte);
}

function shortened(text, most) {
  return text.length <= most ? text : text.slice(0, most - 12) + "…" + text.slice(-10);
}

// ---- the address: everything that is set stands behind the #

function readAddress() {
  const parts = location.hash.slice(1).split("&").filter((part) => part !== "");
  const fields = parts.map((part) => {
    const at = part.indexOf("=");
    const decode = (text) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return text;
      }
    };
    return at < 0 ? [part, ""] : [part.slice(0, at), decode(part.slice(at + 1))];
  });
  return { fields, first: (name) => fields.find(([key]) => key === name)?.[1] };
}

function writeAddress(fields) {
  const all = state.seen.includes("1") || state.seen.includes("2") ? [...fields, ["score", state.seen]] : fields;
  const encode = (text) => encodeURIComponent(text).replace(/%(2C|3A|3C|3E|20)/g, (code) => (code === "%20" ? "%20" : decodeURIComponent(code)));
  const parts = all.map(([name, value]) => (value === "" && name !== "text" ? name : name + "=" + encode(value)));
  history.replaceState(null, "", "#" + parts.join("&"));
  keepScoreInLinks();
}

// Whoever follows a link takes the score along.
function keepScoreInLinks() {
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const bare = link.getAttribute("href").replace(/&score=\d*/, "");
    link.setAttribute("href", /[12]/.test(state.seen) ? bare + "&score=" + state.seen : bare);
  }
}

async function openAddress() {
  stopPlaying();
  const address = readAddress();
  const score = address.first("score");
  if (score && /^[012]+$/.test(score) && score.length === stations.length) state.seen = score;
  hideStage();
  if (address.first("bench") !== undefined) await openBench(address);
  else await openStation(address);
  keepScoreInLinks();
}

function enterRoom(room) {
  state.room = room;
  for (const name of ["guided", "bench"]) {
    byId(name).hidden = name !== room;
    if (name === room) byId("to-" + name).setAttribute("aria-current", "page");
    else byId("to-" + name).removeAttribute("aria-current");
  }
}

// ---- the lab

// Plays, and gives what came of it; what is refused is thrown in the lab's words.
async function askLab(wanted) {
  let answer;
  try {
    answer = await fetch("/play?lang=" + document.documentElement.lang.slice(0, 2), {
      method: "POST",
      headers: { "content-type": "application/json", "x-lab-token": token },
      body: JSON.stringify(wanted),
    });
  } catch {
    throw new Error(texts.gone);
  }
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

function showProblem(place, error) {
  byId(place).textContent = error ? error.message : "";
  byId(place).hidden = !error;
}

// ---- the guided row

async function openStation(address) {
  enterRoom("guided");
  const number = Number(address.first("guided") ?? 1);
  state.station = number >= 1 && number <= stations.length ? Math.floor(number) : 1;
  const station = stations[state.station - 1];
  byId("question-title").textContent = station.title;
  byId("question").textContent = station.question;
  byId("guess").value = address.first("guess") ?? "";
  byId("outcome").replaceChildren();
  showProblem("guess-problem", null);
  drawEdges();
  drawScore();
  if (address.first("guess") !== undefined) await runStation();
}

function drawScore() {
  const links = byId("stations").querySelectorAll("a");
  links.forEach((link, at) => {
    link.className = ["", "seen", "foreseen"][Number(state.seen[at])];
    if (at + 1 === state.station) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  });
  const right = [...state.seen].filter((one) => one === "2").length;
  const seen = [...state.seen].filter((one) => one !== "0").length;
  byId("score").textContent = seen === 0 ? "" : fill(texts.score, { seen, all: stations.length, right });
}

// The bytes of the question in a row: in front of them a grip, out of which edges are dragged, and behind each
// byte a gap, where an edge can be.
function drawEdges() {
  const { laidOut } = stations[state.station - 1];
  byId("edges-row").hidden = laidOut.length === 0;
  const cells = laidOut.flatMap(({ bytes, header }, message) =>
    bytesOf(bytes).map((byte, at) => cellOf(byte, message, at < header)));
  const grip = element("span", { class: "grip", "data-place": 0, title: texts.grip, "aria-hidden": "true" }, "⇥");
  // A line breaks between a gap and the next byte, never in front of a gap.
  const pairs = cells.map((cell, at) => element("span", { class: "pair" }, cell, gapBehind(at + 1)));
  byId("edges").replaceChildren(grip, ...pairs);
  showGuessAsEdges();
}

function gapBehind(place) {
  const label = fill(texts.gap, { place });
  return element("button", { type: "button", class: "gap", "data-place": place, "aria-pressed": "false", "aria-label": label, title: label });
}

function cellOf(byte, message, isHeader) {
  return element("span", { class: "byte m" + (message % 6) + (isHeader ? " header" : "") }, signOf(byte, isHeader));
}

// The numbers say where the edges are; there is no other record of them.
function edgesInGuess() {
  let end = 0;
  return numbersIn(byId("guess").value).map((size) => (end += size));
}

function showGuessAsEdges() {
  const edges = new Set(edgesInGuess());
  for (const gap of byId("edges").querySelectorAll(".gap")) {
    gap.setAttribute("aria-pressed", String(edges.has(Number(gap.dataset.place))));
  }
  const sizes = numbersIn(byId("guess").value);
  const isAnswer = areSizes(sizes, 0);
  byId("edges-said").textContent = isAnswer ? sizes.map((size, at) => fill(texts.oneRecv, { number: at + 1, size })).join(" · ") : "";
}

// What lies behind the last edge is the last recv's, unless only the first one is asked for.
function writeEdges(edges) {
  const { firstOnly } = stations[state.station - 1];
  const ends = new Set(edges);
  if (ends.size > 0 && !firstOnly) ends.add(byId("edges").querySelectorAll(".byte").length);
  const places = [...ends].sort((left, right) => left - right);
  byId("guess").value = places.map((end, at) => end - (at > 0 ? places[at - 1] : 0)).join(", ");
  showGuessAsEdges();
}

// The edges without one of them. Where only the first recv is asked for there is one edge, and no other stays.
function edgesWithout(place) {
  const last = byId("edges").querySelectorAll(".byte").length;
  const { firstOnly } = stations[state.station - 1];
  return firstOnly ? [] : edgesInGuess().filter((edge) => edge !== place && edge > 0 && edge <= last);
}

function toggleEdge(place) {
  const others = edgesWithout(place);
  writeEdges(edgesInGuess().includes(place) ? others : [...others, place]);
}

// ---- edges that are dragged, by mouse, finger or pen

const drag = { pointer: null, from: 0, to: 0, hasMoved: false, others: [], guess: "" };

function startDrag(event) {
  const start = event.target.closest("[data-place]");
  if (!start || !event.isPrimary || event.button !== 0) return;
  const from = Number(start.dataset.place);
  Object.assign(drag, { pointer: event.pointerId, from, to: from, hasMoved: false, others: edgesWithout(from), guess: byId("guess").value });
  byId("edges").setPointerCapture(event.pointerId);
  byId("edges").classList.add("dragging");
}

function dragOn(event) {
  if (event.pointerId !== drag.pointer) return;
  const to = placeAt(event.clientX, event.clientY);
  if (to === drag.to) return;
  drag.to = to;
  drag.hasMoved = true;
  writeEdges(to === 0 ? drag.others : [...drag.others, to]);
}

// An edge that was only pressed is set, or taken away.
function endDrag(event) {
  if (event.pointerId !== drag.pointer) return;
  if (!drag.hasMoved && drag.from > 0) toggleEdge(drag.from);
  leaveDrag();
}

function cancelDrag(event) {
  if (event.pointerId !== drag.pointer) return;
  byId("guess").value = drag.guess;
  showGuessAsEdges();
  leaveDrag();
}

function leaveDrag() {
  drag.pointer = null;
  byId("edges").classList.remove("dragging");
}

// The place that is nearest to a point of the window: 0 at the grip, else the number of bytes before the gap.
function placeAt(x, y) {
  const distances = [...byId("edges").querySelectorAll("[data-place]")].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return { place: Number(one.dataset.place), distance: Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2) };
  });
  return distances.reduce((nearest, one) => (one.distance < nearest.distance ? one : nearest)).place;
}

// ---- an answer, and what comes of it

async function runStation() {
  const station = stations[state.station - 1];
  const guess = numbersIn(byId("guess").value);
  if (!areSizes(guess, 0)) {
    showProblem("guess-problem", new Error(texts.writeNumbers));
    return;
  }
  showProblem("guess-problem", null);
  byId("outcome").textContent = texts.playing;
  const number = state.station;
  let play;
  try {
    play = await askLab({ guided: number });
  } catch (error) {
    byId("outcome").replaceChildren();
    showProblem("guess-problem", error);
    return;
  }
  if (state.station !== number || state.room !== "guided") return;
  const truth = recvSizes(play.sides.find((side) => side.which === station.asked));
  const said = station.firstOnly ? guess.slice(0, truth.length) : guess;
  const isForeseen = said.join() === truth.join();
  const mark = isForeseen ? "2" : state.seen[number - 1] === "2" ? "2" : "1";
  state.seen = state.seen.slice(0, number - 1) + mark + state.seen.slice(number);
  writeAddress([["guided", String(number)], ["guess", guess.join(",")]]);
  drawScore();
  byId("outcome").replaceChildren(...outcome(station, guess, truth, isForeseen));
  showStage(play);
  keepScoreInLinks();
}

// How many bytes each recv of the reader has returned, without the end of the stream.
function recvSizes(side) {
  const sizes = side.events
    .filter((event) => event.lane === side.reader && (event.action === "recv" || event.action === "failed"))
    .map((event) => (event.action === "recv" ? bytesOf(event.bytes).length : 0));
  const ended = side.events.filter((event) => event.lane === side.reader).some((event) => event.action === "recv" && event.bytes === "");
  if (ended && side.reader === "server") while (sizes.at(-1) === 0) sizes.pop();
  return sizes;
}

function outcome(station, guess, truth, isForeseen) {
  const row = (label, sizes, kind) =>
    element("div", { class: "sizes " + kind }, element("dt", {}, label),
      element("dd", {}, ...sizes.map((size) => element("b", {}, String(size)))));
  const next = element("a", { href: "#bench&" + station.nextAt.split("&").map(encodeField).join("&") }, station.next);
  const parts = [
    element("p", { class: isForeseen ? "verdict good" : "verdict bad" }, isForeseen ? "✓ " + texts.foreseen : texts.notQuite),
    element("dl", {}, row(texts.youSaid, guess, isForeseen ? "good" : "bad"), row(texts.itWas, truth, "good")),
    element("p", { class: "reason" }, element("b", {}, texts.why), " ", station.reason),
    element("p", { class: "next" }, element("b", {}, texts.tryNext), " ", next),
  ];
  if (state.station < stations.length) {
    parts.push(element("p", {}, element("a", { class: "onward", href: "#guided=" + (state.station + 1) }, texts.nextQuestion + " →")));
  }
  return parts;
}

function encodeField(field) {
  const at = field.indexOf("=");
  return at < 0 ? field : field.slice(0, at + 1) + encodeURIComponent(field.slice(at + 1));
}

// ---- the bench

const simpleFields = ["broken", "fixed", "transport", "delivery", "places", "loss", "seed", "reads", "reader", "only"];
const atFirst = Object.fromEntries(simpleFields.map((id) => [id, byId(id).value]));

async function openBench(address) {
  enterRoom("bench");
  showProblem("bench-problem", null);
  for (const id of simpleFields) byId(id).value = atFirst[id];
  const messages = address.fields.filter(([name]) => name === "text" || name === "hex");
  byId("messages").replaceChildren();
  for (const [form, value] of messages.length > 0 ? messages.slice(0, mostMessages) : [["text", "hello"], ["text", "world"]]) {
    addMessage(form, value);
  }
  const set = (id, value) => value !== undefined && (byId(id).value = value);
  const framing = address.first("framing");
  if (framing !== undefined) {
    const at = framing.indexOf(",");
    set("broken", at < 0 ? framing : framing.slice(0, at));
    set("fixed", at < 0 ? framing : framing.slice(at + 1));
  }
  const [delivery, places] = (address.first("deliver") ?? "alone").split(":");
  set("delivery", delivery);
  set("places", places);
  if (address.first("udp") !== undefined) set("transport", "udp");
  set("reads", address.first("read"));
  for (const id of ["reader", "only", "loss", "seed"]) set(id, address.first(id));
  showWhatApplies();
  if (messages.length > 0) await runBench();
}

function addMessage(form, value) {
  const row = element("li", {},
    element("select", {}, element("option", { value: "text" }, texts.text), element("option", { value: "hex" }, texts.hex)),
    element("input", { maxlength: "1024", spellcheck: "false" }),
    element("button", { type: "button", class: "remove" }, "×"));
  row.children[0].value = form;
  row.children[1].value = value;
  byId("messages").append(row);
  numberMessages();
}

function numberMessages() {
  const rows = [...byId("messages").children];
  rows.forEach((row, at) => {
    const number = at + 1;
    row.children[0].setAttribute("aria-label", fill(texts.form, { number }));
    row.children[1].setAttribute("aria-label", fill(texts.messageNumber, { number }));
    row.children[2].setAttribute("aria-label", fill(texts.remove, { number }));
    row.children[2].disabled = rows.length === 1;
  });
  byId("add-message").disabled = rows.length >= mostMessages;
}

// Datagrams have no framing and no pieces, and only they are lost.
function showWhatApplies() {
  const isUdp = byId("transport").value === "udp";
  for (const control of document.querySelectorAll(".on-tcp input, .for-tcp")) control.disabled = isUdp;
  for (const control of document.querySelectorAll(".for-udp")) control.disabled = !isUdp;
  if (!["cut", "pause"].includes(byId("delivery").value)) byId("places").disabled = true;
}

function benchMessages() {
  return [...byId("messages").children].map((row) => [row.children[0].value, row.children[1].value]);
}

function benchDelivery() {
  const delivery = byId("delivery").value;
  return ["cut", "pause"].includes(delivery) ? delivery + ":" + byId("places").value.trim() : delivery;
}

function benchSettings() {
  const isUdp = byId("transport").value === "udp";
  const settings = {
    messages: benchMessages().map(([form, value]) => ({ [form]: value })),
    reads: numbersIn(byId("reads").value),
    reader: byId("reader").value,
    transport: byId("transport").value,
    only: byId("only").value || null,
  };
  if (!areSizes(settings.reads, 1)) throw new Error(texts.writeNumbers);
  return isUdp
    ? { ...settings, loss: Number(byId("loss").value), seed: Number(byId("seed").value) }
    : { ...settings, broken: byId("broken").value, fixed: byId("fixed").value, delivery: benchDelivery() };
}

function benchAddress(settings) {
  const fields = [["bench", ""], ...benchMessages()];
  if (settings.transport === "udp") fields.push(["udp", ""], ["loss", String(settings.loss)], ["seed", String(settings.seed)]);
  else fields.push(["framing", settings.broken + "," + settings.fixed], ["deliver", settings.delivery]);
  fields.push(["read", settings.reads.join(",")], ["reader", settings.reader]);
  if (settings.only) fields.push(["only", settings.only]);
  return fields;
}

async function runBench() {
  stopPlaying();
  try {
    const settings = benchSettings();
    const play = await askLab({ bench: settings });
    showProblem("bench-problem", null);
    if (state.room !== "bench") return;
    writeAddress(benchAddress(settings));
    showStage(play);
  } catch (error) {
    hideStage();
    showProblem("bench-problem", error);
  }
}

// ---- a play, step by step

function hideStage() {
  byId("stage").hidden = true;
  byId("sides").replaceChildren();
  state.sides = [];
}

function showStage(play) {
  state.sides = play.sides.map(prepare);
  state.steps = Math.max(...state.sides.map((side) => side.steps.length));
  byId("command").textContent = play.command;
  byId("step").max = state.steps;
  byId("sides").replaceChildren(...state.sides.map((side) => side.figure));
  byId("stage").hidden = false;
  goTo(state.steps);
}

// Turns a side's events into steps, and makes the figure in which they are drawn.
function prepare(side) {
  const owners = side.stream.flatMap((run) => Array(run.bytes).fill(run));
  const writer = side.reader === "server" ? "client" : "server";
  const stream = [];
  const steps = [];
  for (const event of side.events) {
    const isReader = event.lane === side.reader;
    const last = steps.at(-1);
    if (event.action === "send" && isReader) {
      steps.push({ kind: "ask", lane: event.lane, bytes: bytesOf(event.bytes) });
    } else if (event.action === "send") {
      const bytes = bytesOf(event.bytes);
      const places = bytes.map((_, at) => stream.length + at);
      stream.push(...bytes);
      steps.push({ kind: "send", lane: event.lane, bytes, places });
    } else if (event.action === "recv" && isReader) {
      steps.push({ kind: "recv", lane: event.lane, asked: event.asked, bytes: bytesOf(event.bytes), messages: [] });
    } else if (event.action === "failed" && isReader) {
      steps.push({ kind: "failed", lane: event.lane, messages: [] });
    } else if (event.action === "message" && isReader && last) {
      (last.messages ??= []).push(bytesOf(event.bytes));
    } else if (event.action === "half-close" && !isReader) {
      steps.push({ kind: "half-close", lane: event.lane });
    } else if (event.action === "fault") {
      steps.push({ kind: "fault", lane: event.lane, what: event.what });
    } else if (event.action === "look" && isReader && last) {
      last.unread = event.unread;
    }
  }
  judge(side, steps);
  const prepared = { ...side, owners, writer, bytes: stream, steps };
  prepared.figure = figure(prepared);
  return prepared;
}

// Marks the messages as they should or should not have come out, and the first step that went wrong.
function judge(side, steps) {
  let number = 0;
  for (const step of steps) {
    step.judged = (step.messages ?? []).map((bytes) => {
      const expected = side.expected[number];
      number += 1;
      return { bytes, right: expected !== undefined && bytes.join() === bytesOf(expected).join() };
    });
  }
}

function figure(side) {
  const badge = side.which === "broken" ? texts.broken : texts.fixed;
  const lane = (name, label) => element("div", { class: "lane " + name }, element("h4", {}, label), element("div", { class: "bytes" }));
  return element("figure", { class: "side " + side.which },
    element("figcaption", {}, element("span", { class: "badge" }, badge), " ", side.code),
    element("div", { class: "lanes" }, lane("writer", texts[side.writer]), lane("held", texts.kernel), lane("reader", texts[side.reader])),
    element("p", { class: "now", role: "status" }),
    element("ol", { class: "log", tabindex: "0", "aria-label": badge + ": " + texts.message }, ...side.steps.map((step, at) => logLine(step, at))),
    element("p", { class: "verdict" }));
}

function logLine(step, at) {
  const line = element("li", { "data-step": at + 1 }, element("span", { class: "who" }, texts[step.lane]), " ", callOf(step));
  for (const { bytes, right } of step.judged) {
    const words = bytes.length === 0 ? "(" + texts.empty + ")" : shortened(asText(bytes), 40);
    line.append(" ", element("bdi", { class: right ? "good" : "bad" }, (right ? "✓ " : "✗ ") + words));
  }
  return line;
}

// A request without the 4-byte length that lesson 03 puts in front of it.
function withoutLength(bytes) {
  const [a, b, c, d] = bytes;
  return a + 256 * b + 65536 * c + 16777216 * d === bytes.length - 4 ? bytes.slice(4) : bytes;
}

function callOf(step) {
  switch (step.kind) {
    case "ask": return texts.asks + " " + shortened(asText(withoutLength(step.bytes)), 30);
    case "send": return "send " + step.bytes.length;
    case "recv": return "recv(" + step.asked + ") = " + step.bytes.length + (step.bytes.length === 0 ? ", " + texts.end : "");
    case "failed": return "recv: " + texts.nothing;
    case "half-close": return texts.halfClose;
    default: return texts.lost;
  }
}

// What lies where after so many steps. A place is a byte's number in the stream.
function sceneAfter(side, count) {
  const scene = { toSend: side.bytes.map((_, at) => at), kernel: [], lost: [], taken: [], pending: [], unread: undefined };
  for (const step of side.steps.slice(0, count)) {
    if (step.kind === "send") {
      scene.toSend = scene.toSend.filter((place) => !step.places.includes(place));
      scene.kernel.push(step.places);
    } else if (step.kind === "fault") {
      scene.lost.push(...(scene.kernel.pop() ?? []));
    } else if (step.kind === "recv") {
      take(side, scene, step.bytes.length);
    }
    for (const message of step.judged) scene.taken.push({ ...message, places: scene.pending.splice(0, placesOf(side, scene, message)) });
    scene.unread = step.unread;
  }
  return scene;
}

function take(side, scene, count) {
  if (side.datagrams) {
    const datagram = scene.kernel.shift() ?? [];
    scene.pending.push(...datagram.slice(0, count));
    scene.lost.push(...datagram.slice(count));
    return;
  }
  const held = scene.kernel.flat();
  scene.pending.push(...held.splice(0, count));
  scene.kernel = [held];
}

// How many of the bytes that were taken a message has used: its own, and those that say where it ends.
function placesOf(side, scene, message) {
  let own = 0;
  let at = 0;
  const isHeader = (place) => side.owners[place]?.is_header;
  while (at < scene.pending.length && (own < message.bytes.length || (own === 0 && isHeader(scene.pending[at])))) {
    const byte = side.bytes[scene.pending[at]];
    if (byte === message.bytes[own] && (!isHeader(scene.pending[at]) || side.which === "broken")) own += 1;
    at += 1;
  }
  const owner = side.owners[scene.pending[at - 1]]?.message;
  while (side.which === "fixed" && isHeader(scene.pending[at]) && side.owners[scene.pending[at]].message === owner) at += 1;
  return at;
}

// Bytes that belong together as cells; a long run as a bar that says how long it is.
function runsOf(side, places) {
  const runs = [];
  for (const place of places) {
    const run = runs.at(-1);
    const owner = side.owners[place];
    if (run && run.owner === owner && run.places.at(-1) + 1 === place) run.places.push(place);
    else runs.push({ owner, places: [place] });
  }
  return runs.flatMap(({ owner, places }) => {
    const message = owner?.message ?? 0;
    if (places.length > LONGEST_RUN) {
      const text = shortened(asText(places.map((place) => side.bytes[place])), 26);
      const bar = element("span", { class: "bar m" + (message % 6), "data-place": places[0] }, text + " ", element("b", {}, fill(texts.bytes, { count: places.length })));
      return [bar];
    }
    return places.map((place) => {
      const cell = cellOf(side.bytes[place], message, Boolean(owner?.is_header));
      cell.dataset.place = place;
      return cell;
    });
  });
}

function drawSide(side, count) {
  const scene = sceneAfter(side, count);
  const lane = (name) => side.figure.querySelector("." + name + " .bytes");
  const before = new Map([...side.figure.querySelectorAll("[data-place]")].map((cell) => [cell.dataset.place, cell.getBoundingClientRect()]));
  lane("writer").replaceChildren(...runsOf(side, scene.toSend));
  const held = scene.kernel.filter((piece) => piece.length > 0);
  const inKernel = side.datagrams
    ? held.map((piece) => element("span", { class: "datagram" }, ...runsOf(side, piece)))
    : runsOf(side, held.flat());
  const heldCount = scene.unread ?? held.flat().length;
  lane("held").replaceChildren(...inKernel, element("small", {}, fill(texts.bytes, { count: heldCount })));
  const messages = scene.taken.map((message) => {
    const words = message.places.length > 0 ? runsOf(side, message.places) : [element("i", {}, message.bytes.length === 0 ? texts.empty : asText(message.bytes))];
    return element("span", { class: "message " + (message.right ? "good" : "bad") }, ...words);
  });
  const lost = scene.lost.length > 0 ? element("span", { class: "lost" }, texts.lost + " ", ...runsOf(side, scene.lost)) : null;
  lane("reader").replaceChildren(...messages, ...runsOf(side, scene.pending), ...(lost ? [lost] : []));
  moveFrom(side, before);
  drawLog(side, count);
}

// Lets each byte glide from where it was to where it is.
function moveFrom(side, before) {
  if (calm.matches) return;
  for (const cell of side.figure.querySelectorAll("[data-place]")) {
    const old = before.get(cell.dataset.place);
    if (!old) continue;
    const now = cell.getBoundingClientRect();
    const [x, y] = [old.left - now.left, old.top - now.top];
    if (x !== 0 || y !== 0) cell.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: MOVE_TIME, easing: "ease-in-out" });
  }
}

function drawLog(side, count) {
  const done = Math.min(count, side.steps.length);
  const lines = [...side.figure.querySelectorAll(".log li")];
  lines.forEach((line, at) => {
    line.className = at + 1 === done ? "current" : at < done ? "" : "later";
  });
  const current = lines[done - 1];
  side.figure.querySelector(".now").textContent = current ? current.textContent : "";
  const log = side.figure.querySelector(".log");
  if (current) log.scrollTop = current.offsetTop - log.offsetTop - log.clientHeight / 2;
  const verdict = side.figure.querySelector(".verdict");
  const isOver = done === side.steps.length;
  verdict.className = "verdict " + (side.right ? "good" : "bad");
  verdict.style.visibility = isOver ? "visible" : "hidden";
  const words = side.got.length === 0 ? texts.none : side.got.map((hex) => (hex === "" ? "(" + texts.empty + ")" : shortened(asText(bytesOf(hex)), 30))).join(" · ");
  const word = side.right ? "✓ " + texts.right : "✗ " + texts.wrong;
  verdict.replaceChildren(
    element("b", {}, word), " ", fill(texts.counts, { sent: side.expected.length, got: side.got.length }) + ": ", element("bdi", {}, words),
    ...(side.error ? [element("span", { class: "error" }, texts.givesUp + ": " + side.error)] : []));
}

function goTo(step) {
  state.at = Math.max(0, Math.min(step, state.steps));
  for (const side of state.sides) drawSide(side, state.at);
  byId("step").value = state.at;
  byId("step-count").textContent = fill(texts.step, { at: state.at, all: state.steps });
  byId("first").disabled = byId("back").disabled = state.at === 0;
  byId("last").disabled = byId("forward").disabled = state.at === state.steps;
}

function firstDifference() {
  const wrong = state.sides.flatMap((side) => {
    const at = side.steps.findIndex((step) => step.judged.some((message) => !message.right));
    return at >= 0 ? [at + 1] : side.right ? [] : [side.steps.length];
  });
  return wrong.length > 0 ? Math.min(...wrong) : state.steps;
}

function stopPlaying() {
  clearInterval(state.timer);
  state.timer = null;
  byId("run").textContent = texts.play;
}

function playOrPause() {
  if (state.timer !== null) return stopPlaying();
  if (state.at === state.steps) goTo(0);
  byId("run").textContent = texts.pause;
  state.timer = setInterval(() => {
    goTo(state.at + 1);
    if (state.at === state.steps) stopPlaying();
  }, STEP_TIME);
}

function stepTo(step) {
  stopPlaying();
  goTo(step);
}

// ---- who presses what

const actions = {
  first: () => stepTo(0),
  back: () => stepTo(state.at - 1),
  run: playOrPause,
  forward: () => stepTo(state.at + 1),
  last: () => stepTo(state.steps),
  difference: () => stepTo(firstDifference()),
};
const keys = { Home: "first", ArrowLeft: "back", " ": "run", ArrowRight: "forward", End: "last", d: "difference", D: "difference" };

for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
byId("step").addEventListener("input", () => stepTo(Number(byId("step").value)));

document.addEventListener("keydown", (event) => {
  if (byId("stage").hidden || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, select, textarea, #edges")) return;
  // Space presses the button, and follows the link, that has the focus.
  if (event.key === " " && event.target.closest("button, a")) return;
  const action = actions[keys[event.key]];
  if (!action) return;
  event.preventDefault();
  action();
});

byId("edges").addEventListener("pointerdown", startDrag);
byId("edges").addEventListener("pointermove", dragOn);
byId("edges").addEventListener("pointerup", endDrag);
byId("edges").addEventListener("pointercancel", cancelDrag);
byId("edges").addEventListener("click", (event) => {
  const gap = event.target.closest(".gap");
  // A pointer's click has done its work when the pointer went up; this one is of the keyboard, or a screen reader's.
  if (gap && event.detail === 0) toggleEdge(Number(gap.dataset.place));
});
byId("edges").addEventListener("keydown", (event) => {
  const gaps = [...byId("edges").querySelectorAll(".gap")];
  const at = gaps.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: gaps.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  gaps[to]?.focus();
});
byId("guess").addEventListener("input", showGuessAsEdges);
byId("guess-form").addEventListener("submit", (event) => {
  event.preventDefault();
  stopPlaying();
  runStation();
});

byId("bench-form").addEventListener("submit", (event) => {
  event.preventDefault();
  runBench();
});
byId("bench-form").addEventListener("change", showWhatApplies);
byId("add-message").addEventListener("click", () => {
  addMessage("text", "");
  byId("messages").lastElementChild.children[1].focus();
});
byId("messages").addEventListener("click", (event) => {
  const remove = event.target.closest(".remove");
  if (!remove) return;
  remove.parentElement.remove();
  numberMessages();
  byId("add-message").focus();
});
byId("other-language").addEventListener("click", (event) => {
  event.preventDefault();
  location.href = event.currentTarget.getAttribute("href") + location.hash;
});

addEventListener("hashchange", openAddress);
openAddress();
