"use strict";
(() => {
  const data = JSON.parse(document.getElementById("definitions").textContent);
  const box = document.getElementById("definition");
  const list = box.querySelector("dl");

  // A click on a number opens what stands behind it.
  document.addEventListener("click", (event) => {
    const number = event.target.closest(".n");
    if (number) {
      const pairs = data.numbers[number.dataset.k] || [];
      list.replaceChildren();
      for (let i = 0; i < pairs.length; i += 2) {
        const term = document.createElement("dt");
        const words = document.createElement("dd");
        term.textContent = data.words[pairs[i]];
        words.textContent = data.words[pairs[i + 1]];
        list.append(term, words);
      }
      box.showModal();
    } else if (event.target === box) {
      box.close();
    }
  });

  // In the text a number is words that act as a button: they break over lines as words do.
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("span.n")) {
      event.preventDefault();
      event.target.click();
    }
  });

  // In a table one stop of the Tab key, then the arrows: a table of numbers is not a hundred stops.
  for (const table of document.querySelectorAll("table")) {
    const first = table.querySelector("button.n");
    if (!first) continue;
    for (const number of table.querySelectorAll("button.n")) number.tabIndex = -1;
    first.tabIndex = 0;
    table.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      const here = event.target.closest("button.n");
      if (!step || !here) return;
      const cell = here.closest("td, th");
      const row = table.rows[cell.parentElement.rowIndex + step[0]];
      let next = row && row.cells[cell.cellIndex + step[1]];
      next = next && next.querySelector("button.n");
      if (!next) return;
      event.preventDefault();
      here.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }

  // A box that does not scroll is no stop of the Tab key.
  for (const scroll of document.querySelectorAll(".scroll")) {
    if (scroll.clientWidth && scroll.scrollWidth <= scroll.clientWidth) scroll.removeAttribute("tabindex");
  }

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
  for (const chapter of document.querySelectorAll(".chapter")) watch.observe(chapter);

  // Print what is folded, too.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
  });
})();
