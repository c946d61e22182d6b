// The bench: what is set up there, and in the address.
"use strict";

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
    element("input", { spellcheck: "false" }),
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
  if (!areSizes(settings.reads, 1)) throw new Error(texts.writeSizes);
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
    if (state.room !== "bench") return;
    hideStage();
    showProblem("bench-problem", error);
  }
}
