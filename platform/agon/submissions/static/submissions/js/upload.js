// The upload form: drag and drop, a look at the file before it is sent, progress, and a way to stop.
// Without this module the form still works; the server checks everything again in any case.

const HEAD_BYTES = 64 * 1024;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function readableSize(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let power = 0;
  let size = bytes;
  while (size >= 1024 && power < units.length - 1) {
    size /= 1024;
    power += 1;
  }
  return `${power ? size.toFixed(1) : size} ${units[power]}`;
}

// The names in the first line of a CSV file; null where that takes more than a look.
function headerOf(head) {
  const end = head.search(/[\r\n]/);
  if (end < 0) return null;
  const line = head.slice(0, end);
  const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [];
  return cells.slice(0, line.endsWith(",") ? cells.length : -1).map((cell) => {
    const name = cell.replace(/,$/, "").trim();
    return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"').trim() : name;
  });
}

class Upload {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.input = form.querySelector("input[type=file]");
    this.drop = form.querySelector("[data-drop]");
    this.note = form.querySelector("[data-file-note]");
    this.progress = form.querySelector("[data-progress]");
    this.progressText = form.querySelector("[data-progress-text]");
    this.send = form.querySelector("[data-send]");
    this.stop = form.querySelector("[data-stop]");
    this.kinds = [...form.querySelectorAll("[data-kind]")];
    this.problem = "";
    form.classList.add("upload-ready");
    form.noValidate = true;
    this.listen();
    this.chooseKind();
  }

  get kind() {
    return this.kinds.find((kind) => kind.checked) ?? this.kinds[0];
  }

  get isPredictions() {
    return this.kind.value === "predictions";
  }

  chooseKind() {
    this.input.accept = this.kind.dataset.accept;
    if (this.input.files.length) this.look();
  }

  listen() {
    for (const kind of this.kinds) kind.addEventListener("change", () => this.chooseKind());
    this.input.addEventListener("change", () => this.look());
    this.stop.addEventListener("click", () => this.request?.abort());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    for (const name of ["dragenter", "dragover"]) {
      this.drop.addEventListener(name, (event) => {
        event.preventDefault();
        this.drop.classList.add("drop-over");
      });
    }
    this.drop.addEventListener("dragleave", () => this.drop.classList.remove("drop-over"));
    this.drop.addEventListener("drop", (event) => this.take(event));
  }

  take(event) {
    event.preventDefault();
    this.drop.classList.remove("drop-over");
    const { files } = event.dataTransfer;
    if (files.length !== 1) {
      this.say(this.words.textOneFile, true);
      return;
    }
    this.input.files = files;
    this.look();
  }

  say(text, isWrong) {
    this.problem = isWrong ? text : "";
    this.note.textContent = text;
    this.note.classList.toggle("chosen-wrong", isWrong);
    this.input.toggleAttribute("aria-invalid", false);
    if (isWrong) this.input.setAttribute("aria-invalid", "true");
  }

  async look() {
    const file = this.input.files[0];
    this.drop.classList.toggle("drop-full", Boolean(file));
    if (!file) {
      this.say("", false);
      return;
    }
    const size = readableSize(file.size);
    const most = Number(this.kind.dataset.maxBytes);
    if (file.size > most) {
      const text = this.isPredictions ? this.words.textTooLarge : this.words.textModelTooLarge;
      this.say(`${file.name}: ${fill(text, { size, limit: readableSize(most) })}`, true);
    } else if (file.size === 0) {
      this.say(`${file.name}: ${this.words.textEmpty}`, true);
    } else {
      await this.lookAtColumns(file, `${file.name} · ${size}`);
    }
  }

  async lookAtColumns(file, title) {
    this.say(title, false);
    if (!this.isPredictions || !file.name.toLowerCase().endsWith(".csv")) return;
    const head = await file.slice(0, HEAD_BYTES).text();
    if (this.input.files[0] !== file) return;
    const found = headerOf(head.replace(/^\uFEFF/, ""));
    // Rubbish, or another delimiter: the server has a better sentence for it.
    if (!found || found.length < 2 || /[\uFFFD\0]/.test(head)) return;
    const columns = this.words.columns.split("\n");
    const missing = columns.find((column) => !found.includes(column));
    if (missing === undefined) {
      this.say(`${title} · ${this.words.textColumnsRight}`, false);
    } else {
      const expected = columns.length > 20 ? `${columns.slice(0, 10)},…` : columns.join();
      this.say(`${title} · ${fill(this.words.textMissing, { column: missing, expected })}`, true);
    }
  }

  submit() {
    if (!this.input.files.length) this.say(this.words.textNothing, true);
    if (this.problem) {
      this.input.focus();
      return;
    }
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", this.form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.addEventListener("progress", (event) => this.advance(event));
    request.addEventListener("load", () => this.finish(request));
    request.addEventListener("error", () => this.fail(this.words.textFailed));
    request.addEventListener("abort", () => this.fail(this.words.textCanceled));
    this.busy(true);
    request.send(new FormData(this.form));
  }

  busy(isBusy) {
    this.send.disabled = isBusy;
    this.stop.hidden = !isBusy;
    this.progress.hidden = !isBusy;
    if (isBusy) this.progress.querySelector("progress").value = 0;
  }

  advance(event) {
    if (!event.lengthComputable) return;
    const percent = Math.floor((100 * event.loaded) / event.total);
    this.progress.querySelector("progress").value = percent;
    const isSent = event.loaded === event.total;
    this.progressText.textContent = isSent ? this.words.textChecking : fill(this.words.textSending, { percent });
    this.stop.hidden = isSent;
  }

  finish(request) {
    if (request.status === 201) {
      location.assign(request.getResponseHeader("Location"));
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const fresh = answer.getElementById("upload");
    const heading = answer.querySelector("main h1");
    if (fresh) this.show(fresh);
    else this.fail(heading?.textContent.trim() || this.words.textFailed);
  }

  // The answer to a refused upload is this page again, with the reasons in it.
  show(fresh) {
    document.getElementById("upload").replaceWith(fresh);
    start();
    fresh.querySelector("[data-focus]")?.focus();
  }

  fail(text) {
    this.busy(false);
    this.progressText.textContent = "";
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, key: "upload", sticky: true } }));
  }
}

function start() {
  for (const form of document.querySelectorAll("[data-upload]")) new Upload(form);
}

start();
