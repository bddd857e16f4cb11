// Keeps a campaign's progress fresh. Without it the page shows how things stood when it was opened.
const EVERY_MS = 4000;
const progress = document.querySelector("[data-progress-url]");

async function refresh() {
  // A person who is about to press a button there is not to lose it.
  if (document.hidden || progress.contains(document.activeElement)) return true;
  const answer = await fetch(progress.dataset.progressUrl, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 403 || answer.status === 404) return false;
  if (answer.ok) progress.innerHTML = await answer.text();
  return true;
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

if (progress) setTimeout(keepFresh, EVERY_MS);
