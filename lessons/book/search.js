// The book's search. Pagefind has made an index of this edition, which also finds Chinese words; it is loaded when
// somebody searches, and not before.
"use strict";

(() => {
  const button = document.getElementById("search-toggle");
  // The pages on which files are printed have no search.
  if (!button) return;

  const isChinese = document.documentElement.lang.startsWith("zh");
  const words = isChinese
    ? {
        search: "搜索本书",
        close: "关闭",
        found: (count) => (count === 0 ? "没有找到" : `在 ${count} 页里找到`),
        more: "显示其余结果",
        cannot: "搜索用不了：直接从文件打开时，浏览器不让页面读取索引。用 scripts/book --open 打开本书就可以搜索。",
      }
    : {
        search: "Search this book",
        close: "Close",
        found: (count) => (count === 0 ? "Nothing found" : count === 1 ? "Found on 1 page" : `Found on ${count} pages`),
        more: "Show the others",
        cannot: "There is no search here: a browser lets no page read the index from a file. scripts/book --open serves the book with it.",
      };
  // How many pages are shown at first, and how many places of each.
  const mostPages = 8;
  const mostPlaces = 3;
  const pauseInTyping = 150;

  let dialog, input, status, list, more;
  let pagefind = null;
  // A search that ends after a later one has begun shows nothing.
  let turn = 0;

  function element(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  function makeDialog() {
    input = element("input", { type: "search", id: "search-input", placeholder: words.search, ariaLabel: words.search, autocomplete: "off" });
    const close = element("button", { type: "button", textContent: words.close });
    status = element("p", { id: "search-status", role: "status" });
    list = element("ol", { id: "search-results" });
    more = element("button", { type: "button", id: "search-more", textContent: words.more, hidden: true });
    dialog = element("dialog", { id: "search-dialog", ariaLabel: words.search }, element("div", { className: "search-line" }, input, close), status, list, more);
    close.addEventListener("click", () => dialog.close());
    input.addEventListener("input", search);
    // mdBook turns the page at an arrow key, wherever it is pressed.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("click", (event) => {
      // Beside the box, or on a place of this very page.
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    document.body.append(dialog);
  }

  async function search() {
    const mine = ++turn;
    await new Promise((done) => setTimeout(done, pauseInTyping));
    const text = input.value.trim();
    if (mine !== turn) return;
    let results = [];
    if (text !== "") {
      try {
        results = await ranked(text);
      } catch {
        status.textContent = words.cannot;
        return;
      }
      if (mine !== turn) return;
    }
    status.textContent = text === "" ? "" : words.found(results.length);
    list.replaceChildren();
    await show(results.slice(0, mostPages), mine);
    if (mine !== turn) return;
    more.hidden = results.length <= mostPages;
    more.onclick = () => {
      more.hidden = true;
      show(results.slice(mostPages), mine);
    };
  }

  // Pagefind looks for each word. Chinese words have nothing between them, and 半关闭 is taken for 半 and 关闭: so the
  // pages on which all of it stands together come first.
  async function ranked(text) {
    pagefind ??= await import(new URL(path_to_root + "pagefind/pagefind.js", location.href));
    const { results } = await pagefind.search(text);
    if (text.includes('"')) return results;
    const exact = new Map((await pagefind.search(`"${text}"`)).results.map((result) => [result.id, result]));
    const isExact = (result) => exact.has(result.id);
    const inOrder = [...results.filter(isExact), ...results.filter((result) => !isExact(result))];
    return inOrder.map((result) => exact.get(result.id) ?? result);
  }

  async function show(results, mine) {
    const pages = await Promise.all(results.map((result) => result.data()));
    if (mine !== turn) return;
    for (const page of pages) {
      const places = page.sub_results.slice(0, mostPlaces).map((place) => {
        const shown = element("li", {});
        if (place.url !== page.url) shown.append(element("a", { href: place.url, textContent: place.title }));
        // An excerpt is HTML, of this book's own text: what was looked for stands in <mark>.
        shown.append(element("span", { innerHTML: place.excerpt }));
        return shown;
      });
      const title = element("a", { className: "search-page", href: page.url, textContent: page.meta.title });
      list.append(element("li", {}, title, element("ul", {}, ...places)));
    }
  }

  function open() {
    if (!dialog) makeDialog();
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
  }

  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
})();
