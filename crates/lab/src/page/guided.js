// The guided row: a question, an answer, and what comes of it.
"use strict";

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
  const wasForeseen = state.seen[number - 1] === "2";
  const mark = isForeseen || wasForeseen ? "2" : "1";
  state.seen = state.seen.slice(0, number - 1) + mark + state.seen.slice(number);
  drawScore();
  byId("outcome").replaceChildren(...outcome(station, guess, truth, isForeseen));
  writeAddress([["guided", String(number)], ["guess", guess.join(",")]]);
  showStage(play);
}

// How many bytes each recv of the reader has returned: 0 where nothing came. The end of a stream is left out.
function recvSizes(side) {
  const calls = side.events.filter(({ lane, action }) => lane === side.reader && (action === "recv" || action === "failed"));
  const sizes = calls.map((call) => (call.action === "recv" ? bytesOf(call.bytes).length : 0));
  const endsTheStream = (call) => call.action === "recv" && call.bytes === "";
  const end = calls.findIndex(endsTheStream);
  return end < 0 ? sizes : sizes.slice(0, end);
}

function outcome(station, guess, truth, isForeseen) {
  const row = (label, sizes, kind) =>
    element("div", { class: "sizes " + kind }, element("dt", {}, label),
      element("dd", {}, ...sizes.map((size) => element("b", {}, String(size)))));
  const next = element("a", { href: "#bench&" + station.nextAt }, station.next);
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
