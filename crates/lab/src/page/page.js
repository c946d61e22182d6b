// The page: it asks the lab for a play, and hears who presses what.
"use strict";

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
  if (event.target.closest("input, select, #edges")) return;
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
