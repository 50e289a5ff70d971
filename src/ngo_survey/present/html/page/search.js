"use strict";
(() => {
  // Search of this page alone: headings, questions of the explorer, captions, sentences, rows.
  const form = document.querySelector(".search");
  const box = form.querySelector("input"), list = form.querySelector("ul"), said = form.querySelector("[role=status]");
  const MOST = 40;
  const ORDER = ["heading", "question", "exhibit", "text", "row"];
  form.hidden = false;

  // Letters alike whatever their case and marks.
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  let entries;
  const gather = () => {
    const seen = new Set();
    entries = [];
    const take = (kind, text, place, where) => {
      text = text.replace(/\s+/g, " ").trim();
      if (!text || seen.has(kind + text)) return;
      seen.add(kind + text);
      entries.push({ kind, text, folded: fold(text), place, where });
    };
    for (const chapter of document.querySelectorAll(".chapter")) {
      const where = chapter.querySelector("h2").textContent;
      for (const place of chapter.querySelectorAll("h2, h3, h4, caption, figcaption, p, li, tbody th, td.w")) {
        if (place.closest(".explorer, .mark, noscript")) continue;
        const tag = place.tagName;
        if (tag[0] === "H") take("heading", place.textContent, place, tag === "H2" ? "" : where);
        else if (tag.endsWith("CAPTION")) take("exhibit", (place.querySelector(".foot") ? [...place.childNodes].filter((n) => n.className !== "foot") : [place]).map((n) => n.textContent).join(""), place, where);
        else if (tag[0] === "T") take("row", place.textContent, place, where);
        else for (const sentence of place.textContent.split(/(?<=[.!?…])\s+/)) take("text", sentence, place, where);
      }
    }
    const questions = (found) => {
      for (const { address, title, wording, group } of found) take("question", wording.includes(title) ? wording : `${title}. ${wording}`, address, group);
      if (box.value) find();
    };
    document.dispatchEvent(new CustomEvent("questions", { detail: questions }));
  };

  let hits = [], at = -1;
  const choose = (next) => {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = next;
    const chosen = list.children[at];
    if (!chosen) return box.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", chosen.id);
  };
  const show = (open) => {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  };
  const row = (hit, place, first) => {
    const line = document.createElement("li");
    line.id = `found-${place}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    const small = document.createElement("small");
    small.textContent = [form.dataset[hit.kind === "row" ? "exhibit" : hit.kind], hit.where].filter(Boolean).join(" · ");
    // Of a long sentence what stands around the first word; its letters are marked where folding kept their number.
    const from = Math.max(0, hit.at - 80), text = hit.text.slice(from, from + 220);
    const start = hit.folded.length === hit.text.length ? hit.at - from : -1;
    const words = document.createElement("span");
    if (start < 0) words.textContent = text;
    else {
      const strong = document.createElement("mark");
      strong.textContent = text.slice(start, start + first.length);
      words.append((from ? "…" : "") + text.slice(0, start), strong, text.slice(start + first.length) + (hit.text.length > from + 220 ? "…" : ""));
    }
    line.append(small, words);
    line.addEventListener("click", () => go(hit));
    return line;
  };
  // Where a word of the text begins with these letters; -1 where none does.
  const begins = (text, letters) => {
    let place = text.indexOf(letters);
    while (place > 0 && /[\p{L}\p{N}]/u.test(text[place - 1])) place = text.indexOf(letters, place + 1);
    return place;
  };
  const find = () => {
    if (!entries) gather();
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    hits = [];
    if (words.join("").length > 1)
      for (const entry of entries) {
        if (!words.every((word) => entry.folded.includes(word))) continue;
        const [first, ...others] = words.map((word) => begins(entry.folded, word));
        const whole = [first, ...others].every((place) => place >= 0);
        hits.push({ ...entry, at: first < 0 ? entry.folded.indexOf(words[0]) : first, rank: ORDER.indexOf(entry.kind) + (whole ? 0 : ORDER.length) });
      }
    hits.sort((one, other) => one.rank - other.rank);
    const count = hits.length;
    hits = hits.slice(0, MOST);
    list.replaceChildren(...hits.map((hit, place) => row(hit, place, words[0])));
    show(count > 0);
    choose(count ? 0 : -1);
    const { none, found, first } = form.dataset;
    said.textContent = words.length ? (count ? (count > MOST ? first : found).replace("{n}", count).replace("{shown}", MOST) : none) : "";
  };

  // The nearest address at or before a place, for the bar of the browser.
  const address = (place) => {
    const own = place.closest("table, figure")?.closest("[id]") ?? place.closest(".table[id], h3[id], h4[id]");
    if (own) return own.id;
    const chapter = place.closest(".chapter");
    const before = [...chapter.querySelectorAll("h3[id], h4[id]")].filter((h) => h.compareDocumentPosition(place) & 4);
    return before.at(-1)?.id ?? chapter.id;
  };
  let marked;
  const go = ({ place }) => {
    show(false);
    if (typeof place === "string") {
      box.blur();
      location.hash = place;
      return;
    }
    document.dispatchEvent(new CustomEvent("lay"));
    for (let folded = place.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    history.pushState(null, "", `#${address(place)}`);
    marked?.classList.remove("hit");
    marked = place;
    place.classList.add("hit");
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center", behavior: "instant" });
  };

  box.addEventListener("input", find);
  box.addEventListener("focus", () => box.value && find());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || show(false));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "Escape") {
      if (!list.hidden) event.preventDefault();
      show(false);
    } else if ((key === "ArrowDown" || key === "ArrowUp") && hits.length) {
      event.preventDefault();
      if (list.hidden) show(true);
      choose((at + (key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length);
    } else if (key === "Enter" && hits[at] && !list.hidden) {
      event.preventDefault();
      go(hits[at]);
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, dialog[open], [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
