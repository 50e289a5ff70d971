"use strict";
(() => {
  // Chapters below the first view are laid out when the browser has time, or at once when an
  // address leads into them.
  const chapters = [...document.querySelectorAll(".chapter")];
  const lay = () => chapters.forEach((chapter) => chapter.classList.add("laid"));
  const later = window.requestIdleCallback ?? setTimeout;
  const lay_next = (place) => {
    if (place >= chapters.length) return;
    chapters[place].classList.add("laid");
    later(() => lay_next(place + 1));
  };
  if (location.hash) {
    lay();
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  } else requestAnimationFrame(() => setTimeout(() => lay_next(1), 100));
  document.addEventListener("click", (event) => event.target.closest("a[href^='#']") && lay(), true);
  addEventListener("hashchange", lay);
  addEventListener("beforeprint", lay);
  // The search leads to words that have no address.
  document.addEventListener("lay", lay);
  addEventListener("load", () => document.documentElement.classList.add("ready"));

  const box = document.getElementById("definition");
  const list = box.querySelector("dl");
  let read, places;
  const data = () => (read ??= JSON.parse(document.getElementById("definitions").textContent));
  const place = (key) => {
    places ??= new Map(data().numbers.map(([shape, , ...words], place) => [data().words[words[0]], place]));
    return places.get(key);
  };

  // What stands behind a number, line by line; long lists are folded.
  const line = (name, texts) => {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    term.textContent = name;
    let to = words;
    if (texts.length === 1) {
      words.textContent = texts[0];
      return list.append(term, words);
    }
    if (texts.length > 6) {
      to = document.createElement("details");
      const head = document.createElement("summary");
      head.textContent = `${texts[0]} … ${texts.length}`;
      to.append(head);
      words.append(to);
    }
    for (const text of texts) {
      const part = document.createElement("div");
      part.textContent = text;
      to.append(part);
    }
    list.append(term, words);
  };
  const define = (at) => {
    const { words, shapes, origins, numbers } = data();
    const [shape, origin, ...details] = numbers[at];
    list.replaceChildren();
    shapes[shape].forEach((name, i) => line(words[name], [words[details[i]]]));
    for (const [name, texts] of origins[origin] ?? []) line(words[name], texts.map((at) => words[at]));
    open();
  };
  const open = () => {
    if (!box.open) box.showModal();
    box.scrollTop = 0;
  };

  // A click on a number opens it; so does an address that ends in #number=KEY.
  document.addEventListener("click", (event) => {
    const number = event.target.closest(".n[data-k]");
    if (number) define(number.dataset.k);
    else if (event.target === box) box.close();
  });
  // A figure asks for the few lines of a number that are said at its mark.
  document.addEventListener("brief", ({ detail: { key, say } }) => {
    const { words, shapes, numbers, brief, values } = data();
    const [shape, , ...details] = numbers[place(key)];
    const lines = shapes[shape].map((name, i) => [words[name], words[details[i]]]);
    say(brief.flatMap((name) => lines.filter((line) => line[0] === name)), values);
  });
  // The explorer's numbers bring their own lines where the text does not print them.
  document.addEventListener("define", ({ detail: { key, lines } }) => {
    if (place(key) !== undefined) return define(place(key));
    list.replaceChildren();
    for (const [name, words] of lines) line(name, [words]);
    open();
  });
  const follow = () => {
    const key = location.hash.startsWith("#number=") && decodeURIComponent(location.hash.slice(8));
    if (key && place(key) !== undefined) define(place(key));
  };
  addEventListener("hashchange", follow);
  follow();

  // In the text a number is words that act as a button: they break over lines as words do.
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("span.n")) {
      event.preventDefault();
      event.target.click();
    }
  });

  // In a table one stop of the Tab key, then the arrows: a table of numbers is not a hundred stops.
  const still = (part) => {
    const numbers = part.querySelectorAll("button.n");
    numbers.forEach((number, place) => (number.tabIndex = place ? -1 : 0));
    sizes.observe(part.closest(".scroll, .paper"));
  };
  // A box that does not scroll is no stop of the Tab key.
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest("td button.n");
    const way = step[event.key];
    if (!here || !way) return;
    const cell = here.closest("td");
    const row = cell.closest("table").rows[cell.parentElement.rowIndex + way[0]];
    const next = row?.cells[cell.cellIndex + way[1]]?.querySelector("button.n");
    if (!next) return;
    event.preventDefault();
    here.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  document.addEventListener("table", (event) => still(event.detail));
  // A table is made ready when it comes near, so that the first view waits for none.
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      still(target);
    }
  }, { rootMargin: "1000px" });
  for (const table of document.querySelectorAll("main table:not(#x-table), .paper")) near.observe(table);

  // Another language opens at the same place.
  for (const link of document.querySelectorAll(".languages a"))
    link.addEventListener("click", () => {
      const here = document.querySelector(".contents [aria-current]");
      link.hash = location.hash || (here ? here.hash : "");
    });

  // The contents are folded on a small screen and show where the reader is.
  const contents = document.querySelector(".contents details");
  if (matchMedia("(max-width: 62rem)").matches) contents.open = false;
  const links = new Map();
  for (const link of contents.querySelectorAll("a")) links.set(link.hash.slice(1), link);
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const chapter of chapters) watch.observe(chapter);

  // Print what is folded, too.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
  });
})();
