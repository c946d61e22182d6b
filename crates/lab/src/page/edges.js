// The answer as edges over the bytes: set by the keyboard, or dragged by mouse, finger or pen.
"use strict";

// The bytes of the question in a row: in front of them a grip, out of which edges are dragged, and behind each
// byte a gap, where an edge can be.
function drawEdges() {
  const { laidOut } = stations[state.station - 1];
  byId("edges-row").hidden = laidOut.length === 0;
  const cells = laidOut.flatMap(({ bytes, header }, message) =>
    bytesOf(bytes).map((byte, at) => cellOf(byte, message, at < header)));
  const grip = element("span", { class: "grip", "data-place": 0, title: texts.grip, "aria-hidden": "true" }, element("b", {}, "⇥"));
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
  const edges = edgesInGuess();
  for (const gap of byId("edges").querySelectorAll(".gap")) {
    gap.setAttribute("aria-pressed", String(edges.includes(Number(gap.dataset.place))));
  }
  const sizes = numbersIn(byId("guess").value);
  const said = areSizes(sizes, 0) ? sizes.map((size, at) => fill(texts.oneRecv, { number: at + 1, size })) : [];
  byId("edges-said").replaceChildren(...said.flatMap((words, at) => [at > 0 ? " · " : "", element("span", {}, words)]));
}

// The place behind the last byte.
function lastPlace() {
  return byId("edges").querySelectorAll(".gap").length;
}

// What lies behind the last edge is the last recv's, unless only the first one is asked for.
function writeEdges(edges) {
  const { firstOnly } = stations[state.station - 1];
  const ends = new Set(edges);
  if (ends.size > 0 && !firstOnly) ends.add(lastPlace());
  const places = [...ends].sort((left, right) => left - right);
  byId("guess").value = places.map((end, at) => end - (at > 0 ? places[at - 1] : 0)).join(", ");
  showGuessAsEdges();
}

// The edges without one of them. Where only the first recv is asked for there is one edge, and no other stays.
function edgesWithout(place) {
  const { firstOnly } = stations[state.station - 1];
  return firstOnly ? [] : edgesInGuess().filter((edge) => edge !== place && edge > 0 && edge <= lastPlace());
}

function toggleEdge(place) {
  const others = edgesWithout(place);
  writeEdges(edgesInGuess().includes(place) ? others : [...others, place]);
}

// ---- dragging

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
