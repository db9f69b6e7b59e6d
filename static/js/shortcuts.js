// Keys of the desk and the selection in its lists. Single letters work outside of fields only, and not at all when the account says so.
const off = document.documentElement.dataset.keys === "off";
const find = (selector, from = document) => from.querySelector(selector);

function typing(event) {
  const target = event.target;
  if (event.isComposing || event.keyCode === 229 || target.isContentEditable) return true;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
}

// Lists: a current row, selected rows, the bar for all of them
const table = find("table.cards");
const rows = table ? [...table.querySelectorAll("tbody tr")] : [];
const bulk = find("[data-bulk]");
const every = find("[data-all]");
let at = -1;

const box = (row) => find("input[type=checkbox]", row);

function sync() {
  const chosen = rows.filter((row) => {
    row.classList.toggle("is-selected", Boolean(box(row)?.checked));
    return box(row)?.checked;
  }).length;
  if (bulk) {
    bulk.hidden = !chosen;
    const told = find("[data-n]", bulk);
    if (told) told.textContent = `${bulk.dataset.text || ""} ${chosen}`;
  }
  if (every) {
    every.checked = chosen > 0 && chosen === rows.length;
    every.indeterminate = chosen > 0 && chosen < rows.length;
  }
}

function select(state) {
  rows.forEach((row) => box(row) && (box(row).checked = state));
  sync();
}

function move(step) {
  if (!rows.length) return;
  rows[at]?.classList.remove("is-current");
  at = Math.max(0, Math.min(rows.length - 1, at + step));
  rows[at].classList.add("is-current");
  find("a", rows[at])?.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

table?.addEventListener("change", (event) => (event.target === every ? select(every.checked) : sync()));
find("[data-clear]")?.addEventListener("click", () => select(false));
if (table) sync();

// Keys
function focus(selector) {
  const field = find(selector);
  const fold = field?.closest("details");
  if (fold) fold.open = true;
  field?.focus();
}
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => at >= 0 && box(rows[at]) && ((box(rows[at]).checked = !box(rows[at]).checked), sync()),
  "/": () => focus("[data-search]"),
  r: () => focus("[data-reply]"),
  n: () => focus("[data-note]"),
  a: () => find("[data-assign-me]")?.click(),
  e: () => find("[data-resolve]")?.click(),
  "?": () => find("#keys")?.showModal(),
};
let before = "";

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) return event.target.form.requestSubmit();
  if (off || typing(event) || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
  const target = before === "g" ? find(`[data-go="${CSS.escape(event.key)}"]`) : null;
  const key = KEYS[event.key];
  if (target || key) event.preventDefault();
  if (target) target.click();
  else key?.();
  before = event.key;
  setTimeout(() => (before = ""), 900);
});
