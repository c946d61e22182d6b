// The book's search. Pagefind has made an index of this edition, which also finds Chinese words; its scripts are
// loaded when somebody searches, and not before.
"use strict";

(() => {
  const button = document.getElementById("search-toggle");
  // The pages on which files are printed have no search.
  if (!button) return;
  const isChinese = document.documentElement.lang.startsWith("zh");
  let dialog = null;

  function element(name, attributes) {
    return Object.assign(document.createElement(name), attributes);
  }

  function loaded(tag) {
    return new Promise((done, failed) => {
      tag.onload = done;
      tag.onerror = () => failed(new Error("cannot load " + (tag.src || tag.href)));
      document.head.append(tag);
    });
  }

  async function makeDialog() {
    dialog = element("dialog", { id: "search-dialog", ariaLabel: isChinese ? "搜索" : "Search" });
    const close = element("button", { type: "button", className: "search-close", textContent: isChinese ? "关闭" : "Close" });
    close.addEventListener("click", () => dialog.close());
    const place = element("div", { id: "search-place" });
    dialog.append(close, place);
    // mdBook turns the page at an arrow key, wherever it is pressed.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("click", (event) => {
      // Beside the box, or on a result of this very page.
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    document.body.append(dialog);
    const at = path_to_root + "pagefind/";
    try {
      await Promise.all([
        loaded(element("link", { rel: "stylesheet", href: at + "pagefind-ui.css" })),
        loaded(element("script", { src: at + "pagefind-ui.js" })),
      ]);
      new PagefindUI({
        element: place,
        bundlePath: new URL(at, location.href).pathname,
        showImages: false,
        showSubResults: true,
        resetStyles: false,
      });
    } catch {
      place.textContent = isChinese
        ? "搜索无法使用：直接从文件打开时，浏览器不让页面读取索引。请用一个本地服务器打开本书。"
        : "There is no search here: a browser lets no page read the index from a file. Serve the book, and open it over HTTP.";
    }
  }

  async function open() {
    if (!dialog) await makeDialog();
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input")?.focus();
  }

  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
})();
