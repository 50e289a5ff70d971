"use strict";
(() => {
  const section = document.getElementById("explore");
  const $ = (name) => document.getElementById(`x-${name}`);
  const picks = ["rows", "among", "by", "figures", "chart", "with"];
  // What the view has beside what is picked: limits and letters in the cells; the column it is sorted by.
  const look = { limits: false, letters: false, sort: "" }, ticks = ["limits", "letters"];
  let data, say;

  // The data as explorer/section.py packed them, each figure back in its row.
  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const found = await new Response(stream).json();
    let at = 0, shown = 0;
    const next = () => {
      const cell = found.values[at++], below = cell === "below";
      if (typeof cell === "string" && !below) return { status: cell };
      const value = below ? 0 : cell, lower = found.lower[shown], skew = found.skew[shown++];
      const [low, high] = lower === null ? [null, null] : [value - lower, value + lower + skew];
      return { status: "shown", value, low, high, below };
    };
    for (const t of found.tables)
      for (const block of t.blocks) for (const row of block.rows) row.figures = t.bases.map(next);
    return found;
  };

  // Numbers as this language writes them: patterns made by the program, not by the browser.
  const number = (n, decimals, thousands = say.thousands) => {
    const text = String(Math.abs(n)).padStart(decimals + 1, "0");
    const whole = text.slice(0, text.length - decimals).replace(/\B(?=(\d{3})+$)/g, thousands);
    return (n < 0 ? say.minus : "") + whole + (decimals ? say.decimal + text.slice(-decimals) : "");
  };
  const percent = (n) => say.percent.replace("{value}", number(n, 0));
  const year = (n) => (n % 100 ? number(n, 2, "") : number(n / 100, 0, ""));
  const print = (n, kind) => (kind === "m" ? number(n, 2) : kind === "y" ? year(n) : percent(n));
  const text = (figure, kind) =>
    figure.status === "shown" ? (figure.below ? say.below : print(figure.value, kind)) : figure.status ? (figure.status === "empty" ? say.none : "×") : "";
  const limits = (figure, kind) =>
    figure.low === null ? "" : fill(say.range, { low: print(figure.low, kind), high: print(figure.high, kind) });
  const fill = (pattern, words) => pattern.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  const bases = (base) =>
    !base ? say.hidden : base[0] < base[1] ? fill(say.range, { low: number(base[0], 0), high: number(base[1], 0) }) : number(base[0], 0);

  const make = (tag, words, attributes = {}) => {
    const element = document.createElement(tag);
    if (words !== undefined) element.textContent = words;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // One table of the data with its columns, made when it is asked for.
  const table = (t) => {
    const banners = data.groups[t.group].banners;
    const columns = [{ by: "", name: "total", label: say.all }];
    const names = [];
    for (const [place, levels] of t.columns) {
      const banner = banners[place];
      names.push([banner.name, banner.title]);
      for (const level of levels) columns.push({ by: banner.name, name: banner.levels[level][0], label: banner.levels[level][1] });
    }
    columns.forEach((column, i) => Object.assign(column, { base: t.bases[i], letter: t.letters?.[i] }));
    return { ...t, names, columns };
  };

  const options = (select, entries, chosen) => {
    select.replaceChildren();
    let group = null;
    for (const [value, label, heading] of entries) {
      if (heading && heading !== group?.label) select.append((group = make("optgroup", undefined, { label: heading })));
      (heading ? group : select).append(make("option", label, { value }));
    }
    select.value = chosen;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
    select.closest("p").hidden = entries.length < 2;
    return select.value;
  };

  let view = {};
  const show = (wish) => {
    // Rows: a question of a group of respondents; tables of one question differ by their filter.
    const keys = data.tables.map((t) => `${t.group}.${t.question}`);
    const wanted = data.tables.findIndex((t) => t.id === wish.table);
    const list = data.tables.filter((t, i) => keys.indexOf(keys[i]) === i).map((t) => [`${t.group}.${t.question}`, t.title, data.groups[t.group].label]);
    const rows = options($("rows"), list, wanted < 0 ? wish.rows : keys[wanted]);
    const alike = data.tables.filter((t, i) => keys[i] === rows);
    const filters = [...new Set(alike.map((t) => t.filter))];
    const among = options($("among"), filters.map((f) => [f, f || say.everybody]), wanted < 0 ? wish.among : data.tables[wanted].filter);
    const tables = alike.filter((t) => t.filter === among).map(table);
    // Columns: every banner that a table of this question and filter has.
    const banners = [["", say.all]];
    for (const t of tables) for (const name of t.names) if (!banners.some((b) => b[0] === name[0])) banners.push(name);
    const by = options($("by"), banners, wish.by ?? banners[1]?.[0]);
    const t = tables.find((t) => !by || t.names.some((n) => n[0] === by));
    const columns = t.columns.map((c, i) => [c, i]).filter(([c]) => !c.by || c.by === by);
    // Figures: blocks of rows that are one statistic each.
    const headings = [...new Set(t.blocks.map((b) => b.heading || b.statistic))];
    const figure = +options($("figures"), headings.map((h, i) => [i, h]), wish.figures ?? 0);
    const blocks = t.blocks.filter((b) => (b.heading || b.statistic) === headings[figure]);
    const lines = blocks.flatMap((b) => b.rows.map((row) => ({ ...row, kind: b.kind, statistic: b.statistic })));
    const kind = lines[0].kind;
    const across = lines.map((row, i) => [`r${i}`, row.label, say.across]);
    const within = columns.map(([c], i) => [`c${i}`, c.label, say.within]);
    const chart = options($("chart"), columns.length > 1 ? [...within, ...across] : within, wish.chart ?? "c0");
    // A second group, or answer, in the chart: of the same sort as the first.
    const others = (chart[0] === "r" ? across : within).filter(([value]) => value !== chart).map(([value, label]) => [value, label]);
    const beside = options($("with"), [["", say.nothing], ...others], wish.with ?? "");
    if (!columns.some((c, i) => look.sort.slice(1) === String(i))) look.sort = "";
    view = { t, by, columns, lines, kind, chart, beside, figure, rows, among, by_label: banners.find((b) => b[0] === by)[1], heading: headings[figure] };
    draw();
  };

  const key = (row, column) => `${view.t.id}${column.by ? `_by_${column.by}` : ""}/${row.name}@${column.name}`;
  const title = () => fill(view.by ? say.table : say.table_all, { title: view.t.title, columns: view.by_label }) + (view.t.filter ? ` (${view.t.filter})` : "");

  const drawn = (what) => fill(say.drawing, { title: view.t.title + (view.t.filter ? ` (${view.t.filter})` : ""), what });

  const draw = () => {
    const { t, columns, lines, heading } = view;
    $("question").textContent = t.wording + (t.asked ? ` ${fill(say.asked, { condition: t.asked })}.` : "");
    const head = make("tr");
    const sorts = columns.map(([c], i) => {
      const cell = make("th", undefined, { scope: "col", class: "r" }), button = make("button", c.label, { type: "button" });
      const way = look.sort.slice(1) === String(i) ? look.sort[0] : "";
      cell.setAttribute("aria-sort", way === "d" ? "descending" : way === "a" ? "ascending" : "none");
      // From the highest, from the lowest, as asked.
      button.addEventListener("click", () => {
        look.sort = { "": `d${i}`, d: `a${i}`, a: "" }[way];
        draw();
        moved();
        $("table").tHead.querySelectorAll("button")[i].focus();
      });
      cell.append(button);
      if (look.letters && c.letter) cell.append(make("small", c.letter));
      return cell;
    });
    head.append(make("th", heading, { scope: "col" }), ...sorts);
    const body = sorted().map((row) => {
      const line = make("tr");
      line.append(make("th", row.label, { scope: "row" }));
      for (const [column, at] of columns) {
        const cell = make("td", undefined, { class: "r" });
        const figure = row.figures[at];
        if (figure.status) {
          const button = make("button", text(figure, row.kind), { class: "n", type: "button" });
          if (figure.status !== "shown") button.setAttribute("aria-label", say.status[figure.status]);
          button.addEventListener("click", () => open(row, column, figure));
          cell.append(button);
          if (look.limits && figure.status === "shown" && figure.low !== null) cell.append(make("small", limits(figure, row.kind)));
          if (look.letters && figure.status === "shown" && row.above?.[at]) cell.append(make("small", row.above[at]));
        }
        line.append(cell);
      }
      return line;
    });
    const last = make("tr", undefined, { class: "base" });
    last.append(make("th", say.base, { scope: "row" }), ...columns.map(([c]) => make("td", bases(c.base), { class: "r" })));
    $("caption").textContent = title();
    $("table").tHead.replaceChildren(head);
    $("table").tBodies[0].replaceChildren(...body, last);
    document.dispatchEvent(new CustomEvent("table", { detail: $("table") }));
    const [words, dots] = chosen(view.chart), second = view.beside ? chosen(view.beside) : null;
    look.room = room();
    $("drawing").replaceChildren(picture(words, dots, second));
    $("what").textContent = drawn(second ? `${words}; ${second[0]}` : words);
  };
  // Rows as asked, or by the figures of a column; what is not shown stays last.
  const sorted = () => {
    if (!look.sort) return view.lines;
    const at = view.columns[look.sort.slice(1)][1], way = look.sort[0] === "d" ? -1 : 1;
    const size = (row) => (row.figures[at].status === "shown" ? row.figures[at].value : null);
    return [...view.lines].sort((one, other) => {
      const [a, b] = [size(one), size(other)];
      return a === null || b === null ? (a === null) - (b === null) : way * (a - b);
    });
  };

  const open = (row, column, figure) => {
    const name = key(row, column);
    const lines = [
      ["key", name], ["question", view.t.wording], ["row", row.label], ["statistic", row.statistic], ["among", view.t.filter],
      ["group", column.by ? column.label : ""], ["base", bases(column.base)],
      ["value", figure.status === "shown" ? text(figure, row.kind) : ""],
      ["limits", figure.status === "shown" ? limits(figure, row.kind) : ""],
      ["status", say.status[figure.status]],
    ].filter(([, words]) => words);
    document.dispatchEvent(new CustomEvent("define", { detail: { key: name, lines: lines.map(([n, w]) => [say.field[n], w]) } }));
  };

  // What the chart shows: one answer in every group, or one group and every answer.
  const chosen = (chart) => {
    const { lines, columns } = view;
    const place = +chart.slice(1);
    if (chart[0] === "r") {
      const row = lines[place];
      return [`${row.label} (${row.statistic})`, columns.map(([c, at]) => [c.label, row.figures[at]])];
    }
    const [column, at] = columns[place];
    return [`${column.label} (${view.heading})`, lines.map((row) => [row.label, row.figures[at]])];
  };

  const broken = (words, width) => {
    const lines = [""];
    for (const part of words.split(" ")) {
      if (lines.at(-1) && lines.at(-1).length + part.length >= width) lines.push("");
      lines[lines.length - 1] += (lines.at(-1) ? " " : "") + part;
    }
    return lines;
  };

  const scale = (dots, kind) => {
    const ends = dots.flatMap(([, f]) => (f.status === "shown" ? [f.value, f.low ?? f.value, f.high ?? f.value] : []));
    let low = Math.min(...ends), high = Math.max(...ends);
    if (!ends.length) [low, high] = [0, 100];
    if (kind === "s") low = 0;
    const rough = Math.max(high - low, 4) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= rough);
    low = Math.floor(low / step) * step;
    const ticks = [];
    for (let at = low; at < high + step || ticks.length < 2; at += step) ticks.push(at);
    return ticks;
  };

  // A chart is as wide as its place, up to what a sheet needs, so that a phone shows all of it.
  const room = () => {
    const place = $("drawing"), { paddingLeft, paddingRight } = getComputedStyle(place);
    return Math.max(240, Math.min(740, Math.floor(place.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight))));
  };
  const SVG = "http://www.w3.org/2000/svg";
  // The first in blue with dots, the second in orange with diamonds: grey print tells them apart.
  const INKS = ["#155e75", "#b4470b"];
  const picture = (words, dots, second) => {
    const svg = document.createElementNS(SVG, "svg");
    const add = (tag, attributes, content) => {
      const element = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (content !== undefined) element.textContent = content;
      svg.append(element);
    };
    // Where labels beside the marks would leave no room for these, they stand above them.
    const width = look.room, above = width < 600;
    const left = above ? 20 : 290, right = width - 100, letters = above ? width / 7 : 46;
    const ticks = scale(second ? [...dots, ...second[1]] : dots, view.kind);
    const x = (n) => Math.round((left + ((n - ticks[0]) / (ticks.at(-1) - ticks[0])) * (right - left)) * 10) / 10;
    let y = 20;
    const line = (content, size, weight, fillColour = "#1b1d21") => {
      for (const part of broken(content, 1.4 * width / size)) {
        add("text", { x: 0, y, "font-size": size, "font-weight": weight, fill: fillColour }, part);
        y += size * 1.35;
      }
    };
    line(view.t.title + (view.t.filter ? ` (${view.t.filter})` : ""), 15, 600);
    line(second ? `● ${words}` : words, 12.5, second ? 600 : 400, second ? INKS[0] : "#575c66");
    if (second) line(`◆ ${second[0]}`, 12.5, 600, INKS[1]);
    if (say.banner) line(say.banner, 11.5, 600, "#8a4515");
    const top = y + 4;
    y = top + 12;
    const heights = dots.map(([label]) => {
      const own = second ? 38 : 26, named = broken(label, letters).length * 15;
      return above ? own + named : Math.max(own, named + 10);
    });
    const bottom = y + heights.reduce((sum, h) => sum + h, 0);
    for (const tick of ticks) {
      add("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, stroke: "#e3e0d9" });
      add("text", { x: x(tick), y: bottom + 16, "font-size": 11.5, "text-anchor": "middle", fill: "#575c66" }, print(tick, view.kind));
    }
    dots.forEach(([label, figure], i) => {
      const parts = broken(label, letters);
      const middle = above ? y + heights[i] - (second ? 21 : 13) : y + heights[i] / 2;
      const first = above ? y + 12 : middle + 4 - ((parts.length - 1) / 2) * 15;
      const side = above ? { x: 0 } : { x: left - 14, "text-anchor": "end" };
      parts.forEach((part, n) => add("text", { ...side, y: first + n * 15, "font-size": 12, fill: "#1b1d21" }, part));
      [figure, ...(second ? [second[1][i][1]] : [])].forEach((one, place) => {
        const shown = one.status === "shown", at = second ? middle + 15 * (place - 0.5) : middle, c = x(one.value);
        if (shown && one.low !== null) add("line", { x1: x(one.low), x2: x(one.high), y1: at, y2: at, stroke: INKS[place], "stroke-width": 2.5 });
        if (shown) add(...(place ? ["path", { d: `M${c} ${at - 6}l6 6-6 6-6-6z`, fill: INKS[1] }] : ["circle", { cx: c, cy: at, r: 4.5, fill: INKS[0] }]));
        add("text", { x: right + 14, y: at + 4, "font-size": 12, fill: !shown ? "#575c66" : second ? INKS[place] : "#1b1d21" }, shown ? text(one, view.kind) : say.not_shown);
      });
      y += heights[i];
    });
    y = bottom + 38;
    line(say.reads, 11.5, 400, "#575c66");
    svg.setAttribute("xmlns", SVG);
    svg.setAttribute("viewBox", `0 0 ${width} ${Math.ceil(y)}`);
    svg.setAttribute("font-family", "system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif");
    svg.setAttribute("role", "img");
    const told = (f) => (f.status === "shown" ? text(f, view.kind) : say.not_shown);
    const all = dots.map(([label, f], i) => `${label}: ${[f, ...(second ? [second[1][i][1]] : [])].map(told).join(", ")}`);
    svg.setAttribute("aria-label", `${drawn(second ? `${words}; ${second[0]}` : words)} ${all.join("; ")}`);
    return svg;
  };

  // Take it along. A cell that a spreadsheet would take for a formula gets a quote before it.
  const safe = (cell) => {
    const words = String(cell);
    const harmless = /^[=+@\t\r]|^-(?![\d.]+$)/.test(words) ? `'${words}` : words;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const csv = () => {
    const names = ["question", "row", "statistic", "among", "columns", "group", "value", "low", "high", "base", "status", "key", "data"];
    const lines = [names.map((n) => say.field[n])];
    for (const row of sorted())
      for (const [column, at] of view.columns) {
        const f = row.figures[at];
        if (!f.status) continue;
        const plain = (n) => (n === null || n === undefined ? "" : n / 100);
        const [least, largest] = column.base ?? [];
        lines.push([
          view.t.title, row.label, row.statistic, view.t.filter || say.everybody, column.by ? view.by_label : "", column.label,
          f.below ? say.below : plain(f.value), plain(f.low), plain(f.high), least === undefined ? "" : least < largest ? `${least}-${largest}` : least,
          say.status[f.status], key(row, column), say.banner,
        ]);
      }
    return "\ufeff" + lines.map((cells) => cells.map(safe).join(",")).join("\r\n") + "\r\n";
  };
  const svgText = () => new XMLSerializer().serializeToString($("drawing").firstChild);
  const save = (blob, ending) => {
    const link = make("a", "", { href: URL.createObjectURL(blob), download: `${view.t.id}${view.by ? `_by_${view.by}` : ""}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const png = () => {
    const image = new Image(), [, , width, height] = $("drawing").firstChild.getAttribute("viewBox").split(" ").map(Number);
    image.onload = () => {
      const canvas = make("canvas");
      canvas.width = width * 2;
      canvas.height = height * 2;
      const paper = canvas.getContext("2d");
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(blob, "png"));
    };
    const svg = svgText().replace("<svg ", `<svg width="${width}" height="${height}" `);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  };

  // The address holds what is seen.
  const address = () =>
    `#explore=${view.t.id}&by=${view.by}&figures=${view.figure}&chart=${view.chart}` +
    [["with", view.beside], ...ticks.map((t) => [t, look[t] ? "1" : ""]), ["sort", look.sort]].map(([name, value]) => (value ? `&${name}=${value}` : "")).join("");
  const moved = () => {
    history.replaceState(null, "", address());
    $("link").href = address();
    $("status").textContent = fill(say.shown, { what: title() });
  };
  const wish = () => {
    const words = new URLSearchParams(location.hash.slice(1));
    if (!words.has("explore")) return null;
    for (const tick of ticks) look[tick] = $(tick).checked = words.get(tick) === "1";
    look.sort = /^[ad]\d+$/.test(words.get("sort")) ? words.get("sort") : "";
    const named = Object.fromEntries(["by", "figures", "chart", "with"].map((name) => [name, words.get(name) ?? undefined]));
    return { table: words.get("explore"), ...named };
  };

  // The search of the page asks for the questions.
  document.addEventListener("questions", async ({ detail }) => {
    const { tables, groups } = data ?? (await unpack(document.getElementById("tables").textContent));
    detail(
      tables
        .filter((t) => !t.filter)
        .map((t) => ({ address: `#explore=${t.id}`, title: t.title, wording: t.wording, group: groups[t.group].label })),
    );
  });

  let started;
  const start = () => (started ??= begin());
  const begin = async () => {
    data = await unpack(document.getElementById("tables").textContent);
    say = data.say;
    for (const name of picks)
      $(name).addEventListener("change", () => {
        // What was chosen stays as far as the new question has it.
        const chosen = Object.fromEntries(picks.map((p) => [p, $(p).value]));
        const after = picks.slice(picks.indexOf(name) + 1).filter((p) => p === "chart" || p === "with" || (p === "figures" && name === "rows"));
        if (name === "rows" || name === "by") look.sort = "";
        for (const p of after) delete chosen[p];
        if (name === "rows") delete chosen.among;
        show(chosen);
        moved();
      });
    for (const tick of ticks)
      $(tick).addEventListener("change", () => {
        look[tick] = $(tick).checked;
        draw();
        moved();
      });
    $("csv").addEventListener("click", () => save(new Blob([csv()], { type: "text/csv" }), "csv"));
    $("svg").addEventListener("click", () => save(new Blob([svgText()], { type: "image/svg+xml" }), "svg"));
    $("png").addEventListener("click", png);
    section.querySelector(".explorer").hidden = false;
    show(wish() ?? { table: data.first });
    $("link").href = address();
  };
  const follow = async () => {
    const wanted = wish();
    if (!wanted) return;
    await start();
    show(wanted);
    $("link").href = address();
    section.scrollIntoView({ behavior: "instant" });
  };

  new ResizeObserver(() => view.t && room() !== look.room && draw()).observe($("drawing"));
  addEventListener("hashchange", follow);
  if (wish()) follow();
  else new IntersectionObserver((entries, watch) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    start();
  }, { rootMargin: "800px" }).observe(section);
})();
