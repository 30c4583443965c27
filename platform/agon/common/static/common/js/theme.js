// Switches the colours at once; without this module the form does the same by way of the server.

const YEAR = 365 * 24 * 3600;

for (const form of document.querySelectorAll("[data-theme-switch]")) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    document.documentElement.dataset.theme = chosen;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${chosen}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
  });
}
