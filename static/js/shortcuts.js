// Keys of the desk. Single letters work outside of fields only, and not at all when the account says so.
const off = document.documentElement.dataset.keys === "off";
const find = (selector, from = document) => from.querySelector(selector);

function typing(event) {
  const target = event.target;
  if (event.isComposing || event.keyCode === 229 || target.isContentEditable) return true;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio)$/.test(target.type);
}

// Lists: j and k walk through the rows; Enter follows the link that has the focus.
const rows = [...document.querySelectorAll("table.cards tbody tr")];
let at = -1;

function move(step) {
  if (!rows.length) return;
  rows[at]?.classList.remove("is-current");
  at = Math.max(0, Math.min(rows.length - 1, at + step));
  rows[at].classList.add("is-current");
  find("a", rows[at])?.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

// Filters: a list that closes with another choice applies it; empty fields stay out of the address.
for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("submit", () => form.querySelectorAll("input:not([type=checkbox])").forEach((field) => (field.disabled = !field.value)));
  for (const facet of form.querySelectorAll("details")) {
    const chosen = () => [...facet.querySelectorAll("input:checked")].map((box) => box.value).join();
    const before = chosen();
    facet.addEventListener("toggle", () => !facet.open && chosen() !== before && form.requestSubmit());
  }
}

// The composer: a link with data-mode opens one of its forms, a key opens the form of its field.
function show(mode) {
  const radio = document.getElementById(`mode-${mode}`);
  if (!radio) return;
  radio.checked = true;
  const field = find("textarea, select, input:not([type=hidden])", radio.nextElementSibling.nextElementSibling);
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-mode]");
  if (!link) return;
  event.preventDefault();
  show(link.dataset.mode);
});

// A link to an invoice unfolds it.
function unfold() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") target.open = true;
}
addEventListener("hashchange", unfold);
unfold();

function press(key) {
  const control = find(`[data-key="${key}"]`);
  control?.click();
  if (control?.tagName === "SUMMARY") find("select", control.parentElement)?.focus();
}
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => find("[data-search]")?.focus(),
  r: () => show("reply"),
  n: () => show("note"),
  e: () => show("resolve"),
  a: () => press("a"),
  c: () => press("c"),
  y: () => press("y"),
  "?": () => find("#keys")?.showModal(),
};
let before = "";

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) return event.target.form.requestSubmit();
  if (off || typing(event) || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
  const target = before === "g" ? find(`[data-go="${CSS.escape(event.key)}"]`) : null;
  const key = before === "g" ? null : KEYS[event.key];
  if (target || key) event.preventDefault();
  if (target) target.click();
  else key?.();
  before = before === "g" ? "" : event.key;
  setTimeout(() => (before = ""), 900);
});
