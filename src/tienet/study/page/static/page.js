"use strict";
// Folded parts: open for paper, one button for all, and a link into one opens it.
(() => {
  const folds = [...document.querySelectorAll("details")], button = document.getElementById("unfold");
  const words = [button.textContent, button.dataset.fold];
  let opened = [];
  addEventListener("beforeprint", () => { opened = folds.filter(one => !one.open); for (const one of opened) one.open = true; });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
  button.hidden = false;
  const tell = () => { button.textContent = folds.some(one => !one.open) ? words[0] : words[1]; };
  button.addEventListener("click", () => {
    const open = folds.some(one => !one.open);
    for (const one of folds) one.open = open;
    tell();
  });
  for (const one of folds) one.addEventListener("toggle", tell);
  const follow = () => {
    const at = document.getElementById(location.hash.slice(1)), fold = at && at.closest("details");
    if (fold) { fold.open = true; fold.scrollIntoView(); }
  };
  addEventListener("hashchange", follow);
  follow();
})();
