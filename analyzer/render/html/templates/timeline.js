(() => {
  const timeline = document.getElementById("timeline");
  const told = document.getElementById("mark-told");
  if (!timeline || !told) return;
  const shown = (mark) => !mark.classList.contains("out") && mark.getClientRects().length > 0;
  const rows = () =>
    [...timeline.querySelectorAll(".strip")].map((row) => [...row.querySelectorAll("a")].filter(shown)).filter((row) => row.length);
  const place = (mark) => mark.getBoundingClientRect().left;

  // One mark is in the order of tabs; the arrow keys go to the others.
  let current = null;
  const take = (mark) => {
    current?.setAttribute("tabindex", "-1");
    current = mark;
    current.setAttribute("tabindex", "0");
  };
  const all = [...timeline.querySelectorAll(".strip a")];
  for (const mark of all) mark.setAttribute("tabindex", "-1");
  if (all.length) take(all[0]);
  const reach = () => {
    const first = rows()[0]?.[0];
    if (first && !shown(current)) take(first);
  };

  const nearest = (row, left) => row.reduce((best, mark) => (Math.abs(place(mark) - left) < Math.abs(place(best) - left) ? mark : best));
  const next = (mark, key) => {
    const table = rows();
    const at = table.findIndex((row) => row.includes(mark));
    if (at < 0) return table[0]?.[0];
    const row = table[at];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (step) return row[row.indexOf(mark) + step] ?? (step > 0 ? table[at + 1]?.[0] : table[at - 1]?.at(-1));
    if (key === "Home" || key === "End") return row.at(key === "Home" ? 0 : -1);
    const other = table[at + (key === "ArrowDown" ? 1 : -1)];
    return other && nearest(other, place(mark));
  };
  timeline.addEventListener("keydown", (event) => {
    const mark = event.target.closest(".strip a");
    if (!mark || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    next(mark, event.key)?.focus();
  });

  const tell = (mark) => {
    const name = mark.closest(".strip").getAttribute("aria-label");
    told.textContent = `${name}: ${mark.querySelector("title").textContent}`;
    told.hidden = false;
  };
  timeline.addEventListener("focusin", (event) => {
    const mark = event.target.closest(".strip a");
    if (!mark) return;
    take(mark);
    tell(mark);
  });
  timeline.addEventListener("pointerover", (event) => {
    const mark = event.target.closest(".strip a");
    if (mark) tell(mark);
  });
  document.getElementById("filter")?.addEventListener("input", () => requestAnimationFrame(() => requestAnimationFrame(reach)));
  for (const keys of document.querySelectorAll(".keys")) keys.hidden = false;
})();
