"use strict";
// Draws the charts, connects their controls, and makes tables sortable and searchable. It reads data and sets text;
// it never makes markup or code of anything.

// Records were packed as columns, so that their names are in the file once.
function unpack(spec) {
  for (const source of spec.data) {
    if (!source.columns) continue;
    const { columns, rows } = source;
    source.values = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
    delete source.columns;
    delete source.rows;
  }
  return spec;
}

const chosen = (group) => [...group.querySelectorAll(":checked")];

// What is chosen, in words: "Shown: adamw/f32, 1 thread; avx2, avx512." The caption has it, for paper shows no controls.
function shownNow(figure) {
  const single = [];
  const several = [];
  for (const group of figure.querySelectorAll("[data-param]")) {
    const names = chosen(group).map((one) => one.dataset.said || (one.closest("label") || one).textContent);
    if (!group.dataset.many) {
      single.push(...names);
      continue;
    }
    const what = group.querySelector("legend").textContent;
    const all = names.length === group.elements.length && names.length > 1;
    several.push(all ? `all ${what}` : names.join(", ") || `none of the ${what}`);
  }
  return `Shown: ${[single.join(", "), ...several].filter(Boolean).join("; ")}.`;
}

// Caption and chart say the same, at first and after every change.
function describe(figure) {
  const caption = figure.querySelector(".shown");
  const chart = figure.querySelector(".chart");
  if (!caption || !chart) return;
  caption.textContent = shownNow(figure);
  const says = figure.querySelector(".says").textContent;
  chart.setAttribute("aria-label", `${chart.dataset.title}. ${caption.textContent} ${says}`);
}

async function draw(place) {
  const { spec, options } = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const settings = { mode: "vega", actions: false, ast: true, renderer: "svg", tooltip: { theme: "custom" } };
  settings.logLevel = 1; // errors: that a choice leaves a layer empty is no news for the console
  const result = await vegaEmbed(place, unpack(spec), settings);
  await result.view.resize().runAsync(); // the key's lines are known only now
  // The place is an image with a label of its own; Vega's roles for every mark within it would only be in the way.
  for (const inner of place.children) inner.setAttribute("aria-hidden", "true");
  const figure = place.closest("figure");
  figure.addEventListener("change", ({ target }) => {
    const group = target.closest("[data-param]");
    if (!group) return;
    const { param, many } = group.dataset;
    const values = chosen(group).map((one) => options[param][one.value]);
    result.view.signal(param, many ? values : values[0]).runAsync();
  });
  place.setAttribute("role", "img"); // Vega has put its own role and label there
  describe(figure);
  place.dataset.drawn = "yes";
}

// Charts are drawn when they come near the window: the first screen is there at once.
function drawAll() {
  const places = [...document.querySelectorAll(".chart")];
  const once = (place) => {
    if (place.dataset.drawn) return Promise.resolve();
    place.dataset.drawn = "begun";
    return draw(place).catch((error) => {
      place.textContent = "This chart could not be drawn; its figures are in the table below.";
      console.error(error);
    });
  };
  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => once(entry.target)),
    { rootMargin: "600px" },
  );
  places.forEach((place) => watcher.observe(place));
  window.gradmarkDrawAll = () => Promise.all(places.map(once));
  window.addEventListener("beforeprint", () => window.gradmarkDrawAll());
  // What is not near is drawn when there is nothing else to do, so that printing and searching find it.
  const rest = () => places.reduce((before, place) => before.then(() => once(place)), Promise.resolve());
  ("requestIdleCallback" in window ? requestIdleCallback : setTimeout)(rest);
}

function sortKey(cell) {
  const given = cell.dataset.s;
  const text = given === undefined ? cell.textContent : given;
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? number : cell.classList.contains("n") ? -Infinity : text;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function makeSortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    head.firstChild.addEventListener("click", () => {
      const first = head.classList.contains("n") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const cell of head.parentElement.cells) cell.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = [...body.rows].map((row) => [sortKey(row.cells[index]), row]);
      keyed.sort((a, b) => sign * compare(a[0], b[0]));
      body.append(...keyed.map(([, row]) => row));
    });
  });
}

function makeSearchable(table) {
  const rows = [...table.tBodies[0].rows];
  const line = table.closest(".scroll").previousElementSibling;
  if (!line || !line.matches(".filter")) return;
  const [input, found] = line.querySelectorAll("input, span");
  const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase());
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !wanted.every((word) => texts[i].includes(word));
      shown += !row.hidden;
    });
    found.textContent = wanted.length ? `${shown} of ${rows.length} rows` : "";
  });
}

for (const table of document.querySelectorAll("table")) {
  makeSortable(table);
  makeSearchable(table);
}
for (const figure of document.querySelectorAll("figure.plot")) {
  figure.addEventListener("change", () => describe(figure));
  describe(figure);
}
if (window.vegaEmbed) drawAll();
