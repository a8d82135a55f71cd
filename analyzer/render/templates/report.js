"use strict";
(() => {
  const filter = document.getElementById("filter");
  if (!filter) return;
  const [text, category, severity, phase] = ["text", "category", "severity", "phase"].map((name) =>
    document.getElementById(`filter-${name}`),
  );
  const result = document.getElementById("filter-result");
  const toggle = document.getElementById("toggle-evidence");
  const evidence = [...document.querySelectorAll(".behavior > details")];
  const groups = [...document.querySelectorAll(".group")];
  const behaviors = [...document.querySelectorAll(".behavior")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    category: element.dataset.category,
    severity: Number(element.dataset.severity),
    phases: element.dataset.phases.split(" "),
  }));

  const apply = () => {
    const terms = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const behavior of behaviors) {
      const matches =
        terms.every((term) => behavior.text.includes(term)) &&
        (!category.value || behavior.category === category.value) &&
        behavior.severity >= Number(severity.value) &&
        (!phase.value || behavior.phases.includes(phase.value));
      behavior.element.hidden = !matches;
      shown += matches ? 1 : 0;
    }
    for (const group of groups) group.hidden = !group.querySelector(".behavior:not([hidden])");
    result.textContent = shown === behaviors.length ? "" : `${shown} of ${behaviors.length} shown`;
  };

  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = behaviors.find((behavior) => behavior.element.id === id)?.element;
    if (!target) return;
    if (target.hidden) {
      text.value = category.value = phase.value = "";
      severity.value = "0";
      apply();
    }
    const details = target.querySelector("details");
    if (details) details.open = true;
    target.scrollIntoView();
  };

  const open = (state) => {
    for (const details of evidence) details.open = state;
    toggle.textContent = state ? "Hide evidence" : "Show evidence";
  };

  for (const control of [text, category, severity, phase]) control.addEventListener("input", apply);
  toggle.addEventListener("click", () => open(toggle.textContent.startsWith("Show")));
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", () => open(true));
  filter.hidden = false;
  apply();
  follow();
})();
