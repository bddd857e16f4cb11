// Keeps the part of a page that moves fresh. Without it the page shows how things stood when it was opened.
const EVERY_MS = 3000;
const REST_MS = 15000;
const moving = document.querySelector("[data-fresh-url]");
let touchedAt = Date.now();
for (const touch of ["keydown", "pointerdown"]) document.addEventListener(touch, () => { touchedAt = Date.now(); });

// What somebody is about to press does not move away. Where they only left the focus, the part goes on: it may be urgent.
function isAboutToPress() {
  const focused = document.activeElement;
  if (!moving.contains(focused) || !focused.matches("a, button")) return false;
  return !focused.id || Date.now() - touchedAt < REST_MS;
}

// What a person has unfolded, ticked, scrolled or focused stays so.
function replaceWith(fresh) {
  const focused = moving.contains(document.activeElement) ? document.activeElement.id : "";
  const unfolded = [...moving.querySelectorAll("details[open]")].map((part) => part.id);
  const ticked = [...moving.querySelectorAll("input:checked")].map((box) => box.id);
  const scrolled = [...moving.querySelectorAll("[tabindex]")].map((part) => [part.id, part.scrollLeft]);
  moving.innerHTML = fresh;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  for (const id of ticked) document.getElementById(id)?.setAttribute("checked", "");
  for (const [id, left] of scrolled) document.getElementById(id)?.scrollTo({ left });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  if (document.hidden || isAboutToPress()) return true;
  const answer = await fetch(moving.dataset.freshUrl, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 403 || answer.status === 404) return false;
  const fresh = answer.ok ? await answer.text() : "";
  if (fresh && !isAboutToPress()) replaceWith(itsPartOf(fresh));
  moving.querySelector("[data-settled] [autofocus]")?.focus();
  return isAwaited();
}

// Where a part has a name, the answer may be the whole page, of which the part of that name is taken.
function itsPartOf(fresh) {
  if (!moving.id) return fresh;
  return new DOMParser().parseFromString(fresh, "text/html").getElementById(moving.id)?.innerHTML ?? fresh;
}

// A part that waits for something moves until it is there.
function isAwaited() {
  const { freshWhile } = moving.dataset;
  return !freshWhile || moving.querySelector(freshWhile) !== null;
}

async function keepFresh() {
  let goOn = true;
  try {
    goOn = await refresh();
  } catch {
    // The service may be restarting; the next round tries again.
  }
  if (goOn) setTimeout(keepFresh, EVERY_MS);
}

if (moving) setTimeout(keepFresh, EVERY_MS);
