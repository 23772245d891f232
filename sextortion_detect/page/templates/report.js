
"use strict";
(() => {
  const form = document.querySelector(".filters");
  if (!form) return;
  const entries = [...document.querySelectorAll(".entry")];
  const days = [...document.querySelectorAll(".day, .silence")];
  const folds = [...document.querySelectorAll(".fold")];
  const inside = new Map(folds.map((fold) => [fold, [...fold.querySelectorAll(".entry")]]));
  const number = new Intl.NumberFormat(document.documentElement.lang === "ar" ? "ar-EG" : "en");
  const shownText = form.dataset.shown;
  const openAtMost = 300;
  let opened = [];

  const fits = (entry) => {
    const { sender, tactic, marked } = form.elements;
    return (!sender.value || entry.dataset.s === sender.value)
      && (!tactic.value || (entry.dataset.t || "").split(" ").includes(tactic.value))
      && (!marked.checked || ["flag", "support", "key"].some((mark) => entry.classList.contains(mark)));
  };
  const apply = () => {
    const active = form.elements.sender.value || form.elements.tactic.value || form.elements.marked.checked;
    let shown = 0;
    for (const day of days) day.hidden = !!active;
    for (const entry of entries) {
      const fit = !active || fits(entry);
      if (entry.hidden === fit) entry.hidden = !fit;
      shown += fit;
    }
    for (const fold of opened) fold.open = false;
    opened = [];
    for (const [fold, held] of inside) {
      const left = held.reduce((sum, entry) => sum + !entry.hidden, 0);
      fold.hidden = !left;
      fold.querySelector(".count").textContent = number.format(left);
      if (active && left && shown <= openAtMost && !fold.open) {
        fold.open = true;
        opened.push(fold);
      }
    }
    form.elements.clear.hidden = !active;
    form.querySelector("output").textContent = active
      ? shownText.replace("#shown", number.format(shown)).replace("#count", number.format(entries.length)) : "";
  };
  const clear = () => {
    form.elements.sender.value = form.elements.tactic.value = "";
    form.elements.marked.checked = false;
    apply();
  };

  form.hidden = false;
  form.addEventListener("input", apply);
  form.elements.clear.addEventListener("click", clear);
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) {
      clear();
      target.scrollIntoView();
    }
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
