// Keeps the list and the conversation fresh. Without scripts the page works too, by loading it again.
"use strict";

const REFRESH_MS = 2000;

function isAtEnd(element) {
  return element.scrollHeight - element.scrollTop - element.clientHeight < 40;
}

function follow(element) {
  if (element.hasAttribute("data-follow")) {
    element.scrollTop = element.scrollHeight;
  }
}

async function refresh(element) {
  const response = await fetch(element.dataset.refresh);
  if (!response.ok) {
    return;
  }
  const fresh = await response.text();
  if (fresh === element.lastFresh) {
    return;
  }
  const wasAtEnd = isAtEnd(element);
  const focused = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  element.innerHTML = fresh;
  element.lastFresh = fresh;
  if (focused) {
    element.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
  if (wasAtEnd) {
    follow(element);
  }
}

async function keepFresh() {
  if (!document.hidden) {
    const parts = [...document.querySelectorAll("[data-refresh]")];
    // A simulator that is being restarted answers again soon.
    await Promise.allSettled(parts.map(refresh));
  }
  setTimeout(keepFresh, REFRESH_MS);
}

document.querySelectorAll("[data-follow]").forEach(follow);
setTimeout(keepFresh, REFRESH_MS);
