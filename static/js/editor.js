// The editor of articles: Markdown by button, pictures by paste or drop, and a draft that is kept while one writes.
const form = document.querySelector("form[data-autosave]");
const area = form.querySelector("#id_body");
const told = form.querySelector("[data-saved]");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

/** Replace the selection; with the browser's own undo where it has one. */
function insert(text, from = text.length, to = from) {
  const start = area.selectionStart;
  area.focus();
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

function around(left, right) {
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
  insert(left + chosen + right, left.length, left.length + chosen.length);
}

/** Put `mark` before each chosen line; "1. " counts on. */
function before(mark) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const next = area.value.indexOf("\n", area.selectionEnd);
  area.setSelectionRange(start, next < 0 ? area.value.length : next);
  const lines = area.value.slice(area.selectionStart, area.selectionEnd).split("\n");
  insert(lines.map((line, at) => (mark === "1. " ? `${at + 1}. ` : mark) + line).join("\n"));
}

const TABLE = "\n|  |  |\n|---|---|\n|  |  |\n";
const TOOLS = {
  heading: () => before("## "),
  bold: () => around("**", "**"),
  list: () => before("- "),
  steps: () => before("1. "),
  quote: () => before("> "),
  code: () => around("`", "`"),
  link: () => around("[", "](https://)"),
  table: () => insert(TABLE, 3),
};
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tool]");
  if (button) TOOLS[button.dataset.tool]();
});
area.addEventListener("keydown", (event) => {
  const tool = (event.ctrlKey || event.metaKey) && !event.altKey && { b: "bold", k: "link" }[event.key.toLowerCase()];
  if (!tool) return;
  event.preventDefault();
  TOOLS[tool]();
});

const say = (text) => (told.textContent = text);

// Files: each becomes its Markdown where the cursor stands; of a picture the description is still to be typed.
async function send(file) {
  const body = new FormData();
  body.append("file", file, file.name || "picture.png");
  say(`${told.dataset.sending} ${file.name}`);
  try {
    const answer = await fetch(form.dataset.upload, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const given = await answer.json();
    if (!answer.ok) return say(given.errors?.[0]?.detail || given.detail);
    insert(given.markdown, given.is_picture ? 2 : given.markdown.length);
    say(given.is_picture ? told.dataset.describe : "");
  } catch {
    say(told.dataset.failed);
  }
}
async function take(event, files) {
  if (!files?.length) return;
  event.preventDefault();
  for (const file of files) await send(file);
}
area.addEventListener("paste", (event) => take(event, event.clipboardData?.files));
area.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
area.addEventListener("drop", (event) => take(event, event.dataTransfer?.files));

// The draft is kept every 20 seconds and when the form is left, unless a colleague has saved it meanwhile.
let changed = false;
let stopped = false;
let running = Promise.resolve();
async function keep() {
  if (!changed || stopped) return;
  changed = false;
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (answer.status === 204) return;
    const given = await answer.json();
    if (answer.ok) form.elements.version.value = given.version;
    stopped = answer.status === 412 || answer.status === 409;
    say(answer.ok ? `${told.dataset.saved} ${given.at}` : given.detail);
  } catch {
    changed = true;
    say(told.dataset.failed);
  }
}
const queue = () => (running = running.then(keep));
form.addEventListener("input", () => (changed = true));
form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || stopped || queue());
setInterval(queue, 20000);
// A save that is on its way would make the version of the form an old one.
form.addEventListener("submit", () => (stopped = true));
