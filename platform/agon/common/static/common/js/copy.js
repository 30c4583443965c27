// Buttons that copy a text; they appear only where the browser can do it.

function reveal(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const text = document.getElementById("toasts").dataset.copied;
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, key: "copied" } }));
});

reveal(document);
document.addEventListener("htmx:afterSwap", () => reveal(document));
