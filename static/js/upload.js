// Drop areas: dropping, pasting, and progress per file when the area has an address to upload to.
const CSRF = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

function element(tag, cls, text = "") {
  const made = document.createElement(tag);
  made.className = cls;
  made.textContent = text;
  return made;
}

function megabytes(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** Put `files` into the field; without a constructor for that the field keeps what it has. */
function put(input, files) {
  const bag = new DataTransfer();
  for (const file of [...(input.multiple ? input.files : []), ...files]) bag.items.add(file);
  input.files = bag.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function row(file, area) {
  const item = element("li", "file");
  const line = element("div", "row");
  const words = element("span", "g");
  const state = element("span", "st num", megabytes(file.size));
  words.append(element("span", "nm", file.name), document.createElement("br"), state);
  const drop = element("button", "btn ghost sm", area.dataset.textRemove);
  drop.type = "button";
  drop.setAttribute("aria-label", `${area.dataset.textRemove} ${file.name}`);
  line.append(words, drop);
  item.append(line);
  return { item, state, words, drop };
}

/** The chosen files as rows; they travel with the form. */
function list(area, input, rows) {
  rows.replaceChildren(
    ...[...input.files].map((file) => {
      const made = row(file, area);
      made.drop.addEventListener("click", () => {
        const bag = new DataTransfer();
        [...input.files].filter((other) => other !== file).forEach((other) => bag.items.add(other));
        input.files = bag.files;
        list(area, input, rows);
        area.querySelector("label")?.focus();
      });
      return made.item;
    }),
  );
}

let line = Promise.resolve(); // one file after the other: they arrive in the order in which they were chosen

/** Send one file as soon as it is its turn; the answer's `id` becomes a hidden field named like the input. */
function send(area, input, rows, file) {
  const { item, state, words, drop } = row(file, area);
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `${area.dataset.textSending} ${file.name}`);
  words.append(bar);
  rows.append(item);
  const request = new XMLHttpRequest();
  drop.addEventListener("click", () => {
    request.abort();
    item.remove();
  });
  request.upload.addEventListener("progress", (event) => (bar.value = (100 * event.loaded) / event.total));
  request.addEventListener("loadend", () => {
    if (!item.isConnected) return;
    bar.remove();
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch { /* an answer that isn't ours is a failure like any other */ }
    const done = request.status >= 200 && request.status < 300 && answer.id;
    item.classList.toggle("err", !done);
    state.textContent = done ? `${megabytes(file.size)} · ${area.dataset.textDone}` : answer.errors?.[0]?.detail || answer.detail || area.dataset.textFailed;
    area.querySelector("[data-live]").textContent = `${file.name}: ${state.textContent}`;
    if (!done) return;
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: area.dataset.idName || "evidence", value: answer.id });
    item.append(kept);
    item.dataset.done = "";
    input.form?.dispatchEvent(new Event("uploaded"));
  });
  const body = new FormData();
  body.append("file", file);
  request.open("POST", area.dataset.upload);
  request.setRequestHeader("X-CSRFToken", CSRF());
  request.setRequestHeader("Accept", "application/json");
  line = line.then(
    () =>
      new Promise((next) => {
        if (!item.isConnected) return next(); // taken back while it waited
        request.addEventListener("loadend", next);
        request.send(body);
      }),
  );
}

// The page's own list has taken over what has arrived; what was refused stays here with its reason.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "read-files") document.querySelectorAll("[data-files] [data-done]").forEach((item) => item.remove());
});

function changed(area, input) {
  const rows = document.querySelector(`[data-files="${input.id}"]`);
  const files = [...input.files];
  area.querySelector("[data-live]").textContent = files.length ? `${area.dataset.textChosen} ${files.length}` : "";
  if (!rows) return;
  if (!area.dataset.upload) return list(area, input, rows);
  input.value = "";
  files.forEach((file) => send(area, input, rows, file));
}

document.addEventListener("change", (event) => {
  const area = event.target.closest?.("[data-drop]");
  if (area && event.target.type === "file") changed(area, event.target);
});
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const area = event.target.closest?.("[data-drop]");
    if (!area) return;
    event.preventDefault();
    area.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    if (name === "drop") put(area.querySelector("input[type=file]"), event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  const area = "[data-drop] input[type=file]";
  const input = event.target.closest?.("form")?.querySelector(area) || document.querySelector(area);
  const files = event.clipboardData?.files || [];
  if (input && files.length) put(input, files);
});
