// Tells the server the reader's time zone, and until it knows shows times in it.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.cookie.split("; ").some((cookie) => cookie.startsWith("time_zone="));
const signedIn = document.documentElement.dataset.zone;

if (zone && !known) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `time_zone=${zone}; Path=/; Max-Age=${365 * 24 * 3600}; SameSite=Lax${secure}`;
}

function localize(root) {
  if (known || signedIn !== "UTC") return;
  const { lang } = document.documentElement;
  const format = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}

localize(document);
document.addEventListener("htmx:afterSwap", (event) => localize(event.target.parentElement ?? document));
