"use strict";
(() => {
  const bar = document.getElementById("filter");
  if (!bar) return;
  const names = ["text", "severity", "category", "phase", "process", "distribution"];
  const controls = Object.fromEntries(names.map((name) => [name, document.getElementById(`filter-${name}`)]));
  const severities = ["info", "low", "medium", "high", "critical"];
  const nouns = { behaviors: "behaviors", network: "network", processes: "processes", files: "files" };
  const prefix = "#filter?";

  const own = (element) =>
    element.classList.contains("process")
      ? [...element.querySelectorAll(":scope > .strip, :scope > .who, :scope > details > .who")]
      : [element];
  const words = (value) => (value ? value.split(" ") : []);
  const items = [...document.querySelectorAll(".item")].map((element) => {
    const { severity, phases, pids, distributions, categories } = element.dataset;
    return {
      element,
      list: element.closest("[data-list]").dataset.list,
      severity: Number(severity),
      phases: words(phases),
      pids: words(pids),
      distributions: words(distributions),
      categories: words(categories),
      text: null,
    };
  });
  const marks = [...document.querySelectorAll(".strip a")].map((element) => [element, Number(element.dataset.severity)]);
  const tallies = [...document.querySelectorAll("[data-tally]")].map((element) => [element, element.textContent]);
  const holders = [...document.querySelectorAll(".group, [data-list] table")].filter((one) => one.querySelector(".item"));
  const result = document.getElementById("filter-result");

  const contains = (item, terms) => {
    item.text ??= own(item.element).map((part) => part.textContent).join(" ").toLowerCase();
    return terms.every((term) => item.text.includes(term));
  };

  const counted = () => {
    const counts = {};
    for (const item of items) {
      const count = (counts[item.list] ??= { shown: 0, all: 0 });
      count.all += 1;
      count.shown += item.matches ? 1 : 0;
    }
    return counts;
  };

  const tell = (active) => {
    const counts = counted();
    for (const [element, whole] of tallies) {
      const count = counts[element.dataset.tally];
      element.textContent = active && count ? `${count.shown} of ${count.all}` : whole;
    }
    for (const note of document.querySelectorAll("[data-none]")) {
      note.hidden = !active || counts[note.dataset.none]?.shown !== 0;
    }
    const parts = Object.entries(nouns).filter(([list]) => counts[list]);
    const told = parts.map(([list, noun]) => `${noun} ${counts[list].shown} of ${counts[list].all}`);
    result.textContent = active ? told.join(", ") : "";
  };

  const apply = () => {
    const { text, category, phase, process, distribution } = controls;
    const least = Math.max(severities.indexOf(controls.severity.value), 0);
    const terms = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) {
      item.matches =
        item.severity >= least &&
        (!category.value || item.categories.includes(category.value)) &&
        (!phase.value || item.phases.includes(phase.value)) &&
        (!process.value || item.pids.includes(process.value)) &&
        (!distribution.value || item.distributions.includes(distribution.value)) &&
        (!terms.length || contains(item, terms));
    }
    for (const item of [...items].reverse()) {
      const within = item.list === "processes" && item.element.querySelector(".item:not([hidden])");
      item.element.hidden = !item.matches && !within;
      item.element.classList.toggle("beside", !item.matches);
    }
    for (const [element, severity] of marks) element.classList.toggle("out", severity < least);
    for (const holder of holders) holder.hidden = !holder.querySelector(".item:not([hidden])");
    tell(names.some((name) => controls[name].value));
  };

  const shownText = (control) =>
    control.id === "filter-distribution" ? control.selectedOptions[0].textContent : control.value;

  const keep = () => {
    const kept = new URLSearchParams();
    for (const name of names) if (controls[name].value) kept.set(name, shownText(controls[name]));
    const hash = `${kept}` ? prefix + kept : "";
    if (location.hash !== hash) history.replaceState(null, "", hash || location.pathname + location.search);
  };

  const clear = () => {
    for (const name of names) controls[name].value = "";
    apply();
  };

  const restore = (kept) => {
    for (const name of names) {
      const value = kept.get(name) ?? "";
      const options = [...(controls[name].options ?? [])];
      const option = options.find((one) => one.value === value || (one.value && one.textContent === value));
      controls[name].value = controls[name].options ? (option?.value ?? "") : value;
    }
    apply();
  };

  const follow = () => {
    if (location.hash.startsWith(prefix)) {
      restore(new URLSearchParams(location.hash.slice(prefix.length)));
      bar.scrollIntoView();
      return;
    }
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = document.getElementById(id);
    if (!target?.matches(".behavior, .issue")) return;
    if (target.hidden) clear();
    for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    const details = target.matches(".behavior") && target.querySelector("details");
    if (details) details.open = true;
    target.scrollIntoView();
  };

  let waiting = 0;
  const changed = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      apply();
      keep();
    });
  };
  bar.addEventListener("input", changed);
  document.getElementById("filter-clear").addEventListener("click", () => {
    clear();
    keep();
    controls.text.focus();
  });

  const toggle = document.getElementById("toggle-evidence");
  const open = (state) => {
    for (const details of document.querySelectorAll(".behavior > details")) details.open = state;
    if (toggle) toggle.textContent = state ? "Hide evidence" : "Show evidence";
  };
  if (toggle) {
    toggle.parentElement.hidden = false;
    toggle.addEventListener("click", () => open(toggle.textContent.startsWith("Show")));
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", () => {
    open(true);
    for (const details of document.querySelectorAll(".rest, .listing")) details.open = true;
  });
  bar.hidden = false;
  follow();
})();
