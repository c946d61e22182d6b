"use strict";
const film = document.getElementById("film");
const put = (id, text) => { document.getElementById(id).textContent = text; };

// The film is one answer without an end. If it breaks off, the server may have gone for a moment.
film.addEventListener("error", () => {
  setTimeout(() => { film.src = "/stream?" + Date.now(); }, 1000);
});

async function look() {
  try {
    const figures = await (await fetch("/figures")).json();
    const { second, film: all } = figures;
    const rate = (count) => (second.seconds > 0 ? count / second.seconds : 0).toFixed(1);
    put("received", rate(second.received));
    put("shown", rate(second.shown));
    put("dropped", all.dropped);
    put("missing", all.missing);
    put("age", second.age ? `${second.age.median} (${second.age.most})` : "–");
    put("bytes", Math.ceil(second.bytes_each / 1024));
    put("size", figures.width ? `${figures.width} × ${figures.height}` : "–");
    put("word", figures.on ? "live" : all.received ? "the film is over" : "waiting for a film");
  } catch {
    put("word", "the server has gone");
  }
  setTimeout(look, 1000);
}
look();
