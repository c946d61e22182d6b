// What the other files share: the data in the page, what is shown now, and small helpers.
"use strict";

const { stations, texts, mostMessages } = JSON.parse(document.getElementById("data").textContent);
const token = document.querySelector("meta[name=lab-token]").content;
const byId = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const STEP_TIME = 900; // milliseconds between two steps, while it plays by itself
const MOVE_TIME = 350; // milliseconds in which a byte moves
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

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
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
