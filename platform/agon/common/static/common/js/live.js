// Parts of a page that htmx keeps up to date: quiet while nothing changes, spoken when it does,
// and honest when the connection is lost.

const announcements = document.getElementById("announcements");
const words = document.getElementById("toasts").dataset;
const shown = new Map();
let offline = false;
let spoken = wordsOfPage();

function wordsOfPage() {
  return document.querySelector("main [data-announce]")?.textContent.trim() ?? "";
}

function isBeingUsed(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input, select, textarea");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, pathInfo } = event.detail;
  if (!target.matches("[data-live]") || xhr.status !== 200) return;
  // Signed out meanwhile: the answer is another page, which must not land inside this one.
  if (new URL(xhr.responseURL).pathname !== new URL(pathInfo.finalRequestPath, location.href).pathname) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  // A 304 hands the same text again; swapping it in would take the focus and the selection away.
  if (shown.get(target.id) === xhr.responseText || isBeingUsed(target)) {
    event.detail.shouldSwap = false;
    return;
  }
  shown.set(target.id, xhr.responseText);
});

document.addEventListener("htmx:afterSettle", () => {
  const now = wordsOfPage();
  if (now && now !== spoken) announcements.textContent = now;
  spoken = now;
});

function tell(text, sticky) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, key: "connection", sticky } }));
}

function lose() {
  if (offline) return;
  offline = true;
  tell(words.offline, true);
}

document.addEventListener("htmx:sendError", lose);
document.addEventListener("htmx:timeout", lose);
document.addEventListener("htmx:responseError", (event) => {
  // No longer allowed, or no longer there: the page itself knows how to say so.
  if ([401, 403, 404].includes(event.detail.xhr.status)) location.reload();
  else lose();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!offline || !event.detail.successful) return;
  offline = false;
  tell(words.online, false);
});
