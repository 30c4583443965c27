// Short notes at the corner. Any module asks for one with a "toast" event on the document:
//   detail = {text, key, sticky}: a sticky one stays until another with its key replaces it.

const region = document.getElementById("toasts");
const SECONDS = 6;

function closeButton(onClose) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close";
  button.setAttribute("aria-label", region.dataset.close);
  button.textContent = "×";
  button.addEventListener("click", onClose);
  return button;
}

document.addEventListener("toast", ({ detail }) => {
  if (!region) return;
  for (const other of region.children) {
    if (detail.key && other.dataset.key === detail.key) other.remove();
  }
  const toast = document.createElement("div");
  toast.className = "toast";
  if (detail.key) toast.dataset.key = detail.key;
  const words = document.createElement("p");
  words.textContent = detail.text;
  toast.append(words, closeButton(() => toast.remove()));
  region.append(toast);
  if (!detail.sticky) setTimeout(() => toast.remove(), SECONDS * 1000);
});

for (const message of document.querySelectorAll(".messages > .alert")) {
  message.append(closeButton(() => message.remove()));
}
