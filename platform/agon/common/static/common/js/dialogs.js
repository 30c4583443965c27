// A link to a page that asks for confirmation opens the same question as a dialog instead.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.openDialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  event.target.closest("[data-close-dialog]")?.closest("dialog")?.close();
});
