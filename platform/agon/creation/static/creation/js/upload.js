// Sends a file in pieces, so that it goes on where it stopped after a lost network or a closed page.
// Without this script the form sends it whole.
(() => {
  const PIECE = 8 * 1024 * 1024;
  const PATIENCE = [1000, 2000, 4000, 8000, 15000];
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  const token = (form) => form.querySelector("[name=csrfmiddlewaretoken]").value;

  async function checksum(buffer) {
    if (!window.crypto || !crypto.subtle) return "";
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function sentenceOf(response) {
    try {
      return (await response.json()).sentence || response.statusText;
    } catch {
      return response.statusText;
    }
  }

  async function persistently(form, say, request) {
    for (let failures = 0; ; failures += 1) {
      try {
        const response = await request();
        if (response.status < 500) return response;
      } catch {
        // no network: tried again below
      }
      say(form.dataset.lost);
      await wait(PATIENCE[Math.min(failures, PATIENCE.length - 1)]);
    }
  }

  async function send(form, file) {
    const box = form.querySelector(".upload-progress");
    const bar = box.querySelector("progress");
    const output = box.querySelector("output");
    const say = (text) => {
      output.textContent = text;
    };
    box.hidden = false;
    const headers = { "X-CSRFToken": token(form), "X-Requested-With": "XMLHttpRequest" };
    const announced = await persistently(form, say, () =>
      fetch(form.dataset.upload, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ role: form.dataset.role, name: file.name, size: file.size }),
      }),
    );
    if (!announced.ok) return say(await sentenceOf(announced));
    const { address, received } = await announced.json();
    let offset = received;
    while (offset < file.size) {
      const piece = await file.slice(offset, offset + PIECE).arrayBuffer();
      const sum = await checksum(piece);
      const response = await persistently(form, say, () =>
        fetch(address, {
          method: "PATCH",
          headers: {
            ...headers,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": String(offset),
            ...(sum ? { "Upload-Checksum": `sha256 ${sum}` } : {}),
          },
          body: piece,
        }),
      );
      const place = Number(response.headers.get("Upload-Offset"));
      if (!response.ok && response.status !== 409) return say(await sentenceOf(response));
      offset = place;
      const percent = Math.round((100 * offset) / file.size);
      bar.value = percent;
      say(`${percent} %`);
    }
    window.location.reload();
    return undefined;
  }

  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      const file = form.querySelector("input[type=file]").files[0];
      if (!file) return;
      event.preventDefault();
      form.querySelector("button").disabled = true;
      send(form, file).finally(() => {
        form.querySelector("button").disabled = false;
      });
    });
  }
})();
