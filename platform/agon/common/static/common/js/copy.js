// Buttons that copy a text; they appear only where the browser can do it.

const BUTTONS = "[data-copy], [data-copy-from]";

// The text itself, or the element that holds it.
function textOf(button) {
  const source = button.dataset.copyFrom;
  return source ? document.getElementById(source).textContent : button.dataset.copy;
}

function reveal(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll(BUTTONS)) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest(BUTTONS);
  if (!button) return;
  await navigator.clipboard.writeText(textOf(button));
  const text = document.getElementById("toasts").dataset.copied;
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, key: "copied" } }));
});

reveal(document);
document.addEventListener("htmx:afterSwap", () => reveal(document));
