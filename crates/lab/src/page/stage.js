// A play, step by step.
"use strict";

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
  const writer = side.reader === "server" ? "client" : "server";
  const owners = side.stream.flatMap((run) => Array(run.bytes).fill(run));
  const { steps, bytes } = stepsOf(side);
  judge(side, steps);
  const prepared = { ...side, owners, writer, bytes, steps };
  prepared.figure = figure(prepared);
  return prepared;
}

// The steps, and all bytes that were sent to the reader. A place is a byte's number among these.
function stepsOf(side) {
  const steps = [];
  const stream = [];
  for (const event of side.events) {
    const isReader = event.lane === side.reader;
    const step = (kind, more) => steps.push({ kind, lane: event.lane, messages: [], ...more });
    const last = steps.at(-1);
    if (event.action === "send" && isReader) {
      step("ask", { bytes: bytesOf(event.bytes) });
    } else if (event.action === "send") {
      const bytes = bytesOf(event.bytes);
      step("send", { bytes, places: bytes.map((_, at) => stream.length + at) });
      stream.push(...bytes);
    } else if (event.action === "recv" && isReader) {
      step("recv", { asked: event.asked, bytes: bytesOf(event.bytes) });
    } else if (event.action === "failed" && isReader) {
      step("failed");
    } else if (event.action === "half-close" && !isReader) {
      step("half-close");
    } else if (event.action === "fault") {
      step("fault");
    } else if (event.action === "message" && isReader) {
      last?.messages.push(bytesOf(event.bytes));
    } else if (event.action === "look" && isReader && last) {
      last.unread = event.unread;
    }
  }
  return { steps, bytes: stream };
}

// Says of each message whether it is the one that should have come out.
function judge(side, steps) {
  let number = 0;
  for (const step of steps) {
    step.judged = step.messages.map((bytes) => {
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
    element("ol", { class: "log", tabindex: "0", "aria-label": badge + ": " + texts.log }, ...side.steps.map((step, at) => logLine(step, at))),
    element("p", { class: "verdict" }));
}

function logLine(step, at) {
  const line = element("li", { "data-step": at + 1 }, element("span", { class: "who" }, texts[step.lane]), " ", callOf(step));
  for (const { bytes, right } of step.judged) {
    line.append(" ", element("bdi", { class: right ? "good" : "bad" }, (right ? "✓ " : "✗ ") + messageInWords(bytes, 40)));
  }
  return line;
}

function messageInWords(bytes, most) {
  return bytes.length === 0 ? fill(texts.bracketed, { what: texts.empty }) : shortened(asText(bytes), most);
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
    case "recv": return "recv(" + step.asked + ") = " + step.bytes.length + (step.bytes.length === 0 ? texts.ended : "");
    case "failed": return "recv: " + texts.nothing;
    case "half-close": return texts.halfClose;
    default: return texts.lost;
  }
}

// What lies where after so many steps, as places.
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
    for (const message of step.judged) {
      const places = scene.pending.splice(0, placesOf(side, scene, message));
      scene.taken.push({ ...message, places });
    }
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

// How many of the bytes that were taken a message has used: its own, and those that say where it ends. A broken
// reader may have taken these for a part of the message.
function placesOf(side, scene, message) {
  const isHeader = (place) => side.owners[place]?.is_header;
  const isOwn = (place, sign) => side.bytes[place] === sign && (side.which === "broken" || !isHeader(place));
  let own = 0;
  let used = 0;
  const goesOn = () => own < message.bytes.length || (own === 0 && isHeader(scene.pending[used]));
  while (used < scene.pending.length && goesOn()) {
    if (isOwn(scene.pending[used], message.bytes[own])) own += 1;
    used += 1;
  }
  // A mark at the end belongs to the message in front of it.
  const number = side.owners[scene.pending[used - 1]]?.message;
  const isMark = (place) => isHeader(place) && side.owners[place].message === number;
  while (side.which === "fixed" && isMark(scene.pending[used])) used += 1;
  return used;
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
      const count = element("b", {}, fill(texts.bytes, { count: places.length }));
      return [element("span", { class: "bar m" + (message % 6), "data-place": places[0] }, text + " ", count)];
    }
    return places.map((place) => {
      const cell = cellOf(side.bytes[place], message, Boolean(owner?.is_header));
      cell.dataset.place = place;
      return cell;
    });
  });
}

function drawSide(side, count) {
  const before = new Map([...side.figure.querySelectorAll("[data-place]")].map((cell) => [cell.dataset.place, cell.getBoundingClientRect()]));
  drawLanes(side, sceneAfter(side, count));
  moveFrom(side, before);
  const done = Math.min(count, side.steps.length);
  drawLog(side, done);
  drawVerdict(side, done === side.steps.length);
}

function drawLanes(side, scene) {
  const lane = (name) => side.figure.querySelector("." + name + " .bytes");
  lane("writer").replaceChildren(...runsOf(side, scene.toSend));
  const held = scene.kernel.filter((piece) => piece.length > 0);
  const inKernel = side.datagrams
    ? held.map((piece) => element("span", { class: "datagram" }, ...runsOf(side, piece)))
    : runsOf(side, held.flat());
  // The kernel's own count, where it was asked.
  const count = scene.unread ?? held.flat().length;
  lane("held").replaceChildren(...inKernel, element("small", {}, fill(texts.bytes, { count })));
  const lost = scene.lost.length > 0 ? [element("span", { class: "lost" }, element("b", {}, texts.lost), ...runsOf(side, scene.lost))] : [];
  lane("reader").replaceChildren(...scene.taken.map((message) => takenMessage(side, message)), ...runsOf(side, scene.pending), ...lost);
}

function takenMessage(side, message) {
  const inWords = () => element("i", {}, message.bytes.length === 0 ? texts.empty : asText(message.bytes));
  const drawn = message.places.length > 0 ? runsOf(side, message.places) : [inWords()];
  return element("span", { class: "message " + (message.right ? "good" : "bad") }, ...drawn);
}

// Lets each byte glide from where it was to where it is.
function moveFrom(side, before) {
  if (calm.matches) return;
  for (const cell of side.figure.querySelectorAll("[data-place]")) {
    const old = before.get(cell.dataset.place);
    if (!old) continue;
    const now = cell.getBoundingClientRect();
    const [x, y] = [old.left - now.left, old.top - now.top];
    if (x === 0 && y === 0) continue;
    const way = [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }];
    cell.animate(way, { duration: MOVE_TIME, easing: "ease-in-out" });
  }
}

function drawLog(side, done) {
  const lines = [...side.figure.querySelectorAll(".log li")];
  lines.forEach((line, at) => {
    line.className = at + 1 === done ? "current" : at < done ? "" : "later";
  });
  const current = lines[done - 1];
  side.figure.querySelector(".now").textContent = current ? current.textContent : "";
  const log = side.figure.querySelector(".log");
  if (current) log.scrollTop = current.offsetTop - log.offsetTop - log.clientHeight / 2;
}

// The verdict keeps its room while the play goes on, so that nothing moves when it comes.
function drawVerdict(side, isOver) {
  const verdict = side.figure.querySelector(".verdict");
  verdict.className = "verdict " + (side.right ? "good" : "bad");
  verdict.style.visibility = isOver ? "visible" : "hidden";
  const came = side.got.map((hex) => messageInWords(bytesOf(hex), 30)).join(" · ");
  verdict.replaceChildren(
    element("b", {}, side.right ? "✓ " + texts.right : "✗ " + texts.wrong), " ",
    fill(texts.counts, { sent: side.expected.length, got: side.got.length }), element("bdi", {}, came || texts.none),
    ...(side.error ? [element("span", { class: "error" }, texts.givesUp + side.error)] : []));
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
