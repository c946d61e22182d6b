// The address: everything that is set stands behind its #, which a browser keeps to itself.
"use strict";

function readAddress() {
  const parts = location.hash.slice(1).split("&").filter((part) => part !== "");
  const fields = parts.map((part) => {
    const [name, ...value] = part.split("=");
    return [name, decoded(value.join("="))];
  });
  return { fields, first: (name) => fields.find(([key]) => key === name)?.[1] };
}

// What somebody typed into the address may be no code at all.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function writeAddress(fields) {
  const all = hasScore() ? [...fields, ["score", state.seen]] : fields;
  // Commas and colons need no code here, and are easier to read.
  const encoded = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":");
  const parts = all.map(([name, value]) => (value === "" && name !== "text" ? name : name + "=" + encoded(value)));
  history.replaceState(null, "", "#" + parts.join("&"));
  keepScoreInLinks();
}

function hasScore() {
  return /[12]/.test(state.seen);
}

// Whoever follows a link takes the score along.
function keepScoreInLinks() {
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const bare = link.getAttribute("href").replace(/&score=\d*/, "");
    link.setAttribute("href", hasScore() ? bare + "&score=" + state.seen : bare);
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
