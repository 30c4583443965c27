// Says how many final submissions are chosen while one chooses. The server counts again.

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

for (const form of document.querySelectorAll("[data-finals]")) {
  const count = form.querySelector("[data-count]");
  const button = form.querySelector("button");
  const boxes = [...form.querySelectorAll("input[name=final]")];
  const most = Number(form.dataset.most);

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const isOver = chosen > most;
    count.textContent = fill(isOver ? form.dataset.textOver : form.dataset.textLeft, { chosen, most });
    button.disabled = isOver;
  };

  if (count) {
    form.addEventListener("change", show);
    show();
  }
}
