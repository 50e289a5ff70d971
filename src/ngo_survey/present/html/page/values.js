"use strict";
(() => {
  // The values of a figure: said where a mark is pointed at, and one by one to the keyboard.
  const NEAR = 14;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.querySelector("main").append(tip);

  const lines = (key) => {
    let found, named;
    document.dispatchEvent(new CustomEvent("brief", { detail: { key, say: (lines, name) => ([found, named] = [lines, name]) } }));
    return [found, named];
  };
  const say = (key) => {
    tip.replaceChildren(
      ...lines(key)[0].map(([name, words]) => {
        const line = document.createElement("div");
        for (const [tag, text] of [["span", name], ["b", words]]) line.append(Object.assign(document.createElement(tag), { textContent: text }));
        return line;
      }),
    );
  };
  // Beside the mark, below it where there is room, never out of sight.
  const put = (box) => {
    tip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = Math.min(Math.max(4, box.left + box.width / 2 - width / 2), innerWidth - width - 4);
    const below = box.bottom + 10;
    tip.style.left = `${left}px`;
    tip.style.top = `${below + height < innerHeight ? below : Math.max(4, box.top - height - 10)}px`;
  };

  let hide = () => {};
  const ready = (paper) => {
    // Parts of one number (the rings of a region) are one value; from above down, left to right.
    const all = [...paper.querySelectorAll("[data-key]")];
    const middle = (mark) => {
      const { left, top, width, height } = mark.getBoundingClientRect();
      return [top + height / 2, left + width / 2];
    };
    let order;
    const values = () => {
      if (order) return order;
      const first = new Map();
      for (const mark of all) if (!first.has(mark.dataset.key)) first.set(mark.dataset.key, mark);
      const placed = [...first.values()].map((mark) => [mark, ...middle(mark)]);
      placed.sort((one, other) => (Math.abs(one[1] - other[1]) > 4 ? one[1] - other[1] : one[2] - other[2]));
      return (order = placed.map(([mark]) => mark));
    };
    const stop = document.createElement("div");
    const count = new Set(all.map((mark) => mark.dataset.key)).size;
    const said = { role: "slider", tabindex: "0", class: "value", "aria-valuemin": "1", "aria-valuemax": String(count), "aria-valuenow": "1" };
    for (const [name, value] of Object.entries(said)) stop.setAttribute(name, value);
    stop.setAttribute("aria-label", lines(all[0].dataset.key)[1]);
    stop.setAttribute("aria-describedby", paper.getAttribute("aria-labelledby"));
    paper.append(stop);

    let shown = null;
    const leave = () => {
      shown = null;
      stop.classList.remove("on");
      tip.hidden = true;
    };
    const show = (mark) => {
      if (hide !== leave) hide();
      hide = leave;
      shown = mark;
      const key = mark.dataset.key, box = mark.getBoundingClientRect(), frame = paper.getBoundingClientRect();
      say(key);
      const style = { left: box.left - frame.left + paper.scrollLeft - paper.clientLeft, top: box.top - frame.top - paper.clientTop, width: box.width, height: box.height };
      for (const [name, length] of Object.entries(style)) stop.style[name] = `${Math.max(length, name === "width" || name === "height" ? 4 : 0)}px`;
      stop.classList.add("on");
      stop.setAttribute("aria-valuenow", String(values().findIndex((one) => one.dataset.key === key) + 1));
      stop.setAttribute("aria-valuetext", [...tip.children].map((line) => [...line.children].map((part) => part.textContent).join(": ")).join("; "));
      put(box);
    };
    // What is under the pointer, else the mark that is nearest, of those around it the smallest.
    const near = (event) => {
      const own = event.target.closest("[data-key]");
      if (own) return own;
      let best = null, least = [NEAR, Infinity];
      for (const mark of all) {
        const box = mark.getBoundingClientRect();
        const far = Math.hypot(Math.max(box.left - event.clientX, 0, event.clientX - box.right), Math.max(box.top - event.clientY, 0, event.clientY - box.bottom));
        const size = box.width * box.height;
        if (far < least[0] || (far === least[0] && size < least[1])) [best, least] = [mark, [far, size]];
      }
      return best;
    };
    const open = (mark) => {
      leave();
      document.dispatchEvent(new CustomEvent("define", { detail: { key: mark.dataset.key, lines: [] } }));
    };
    paper.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const mark = near(event);
      if (mark !== shown) mark ? show(mark) : rest();
    });
    paper.addEventListener("pointerleave", (event) => event.pointerType === "touch" || tip.contains(event.relatedTarget) || rest());
    // A finger shows a value first and opens it the second time.
    paper.addEventListener("click", (event) => {
      const mark = near(event);
      if (mark) mark === shown ? open(mark) : show(mark);
    });
    // The pointer gone, the value that the keyboard is at is said again.
    const rest = () => (document.activeElement === stop ? show(now()) : leave());
    const now = () => values()[stop.getAttribute("aria-valuenow") - 1];
    stop.addEventListener("focus", () => {
      now().scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      show(now());
    });
    stop.addEventListener("blur", leave);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    stop.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") open(now());
      else if (event.key in step) {
        const at = Math.min(Math.max(stop.getAttribute("aria-valuenow") - 1 + step[event.key], 0), count - 1);
        values()[at].scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
        show(values()[at]);
      } else return;
      event.preventDefault();
    });
    addEventListener("resize", () => (order = undefined));
  };
  tip.addEventListener("pointerleave", () => hide());
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("pointerdown", (event) => event.target.closest(".paper, .tip") || hide());
  addEventListener("scroll", () => !document.activeElement.matches(".value") && hide(), { passive: true });
  // Figures are made ready when they come near, as tables are.
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      ready(target);
    }
  }, { rootMargin: "1000px" });
  for (const paper of document.querySelectorAll(".paper")) if (paper.querySelector("[data-key]")) watch.observe(paper);
})();
