// What every page gains from JavaScript; each of them works without it.
const root = document.documentElement;
root.classList.add("js");

const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

/** Say `text` in the corner and to assistive technology; it stays for a while and closes by itself. */
function toast(text) {
  const corner = document.getElementById("toasts");
  if (!corner || !text) return;
  const box = document.createElement("p");
  box.className = "toast";
  box.textContent = text;
  corner.append(box);
  setTimeout(() => box.remove(), 8000);
}
document.addEventListener("helpdesk:say", (event) => toast(event.detail));

// While a pinyin candidate is open nobody may see the input, neither htmx nor a counter; one input event follows the choice.
document.addEventListener("input", (event) => event.isComposing && event.stopImmediatePropagation(), true);
document.addEventListener("compositionend", (event) => event.target.dispatchEvent(new Event("input", { bubbles: true })), true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
}, true);

// Theme: change at once, store behind the page's back, so that a half-written form stays.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const shown = root.dataset.theme === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : root.dataset.theme;
  const next = shown === "dark" ? "light" : "dark";
  const body = new FormData(form);
  body.set("theme", next);
  root.dataset.theme = next;
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

// A form that is on its way is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000); // an answer that is a download leaves the page where it is
});
addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Menus close by Escape and by a click beside them.
const open = () => all("details.menu[open], details.facet[open]");
document.addEventListener("click", (event) => open().forEach((menu) => menu.contains(event.target) || (menu.open = false)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  open().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// Dialogs
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});
all("[data-open]").forEach((button) => (button.hidden = false));

// Copying a number
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  // Without TLS a browser has no clipboard for us: then the number is selected, ready for Ctrl+C.
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(button.dataset.copied);
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.from));
  }
});

// Counters below long texts
function count(area) {
  const shown = document.getElementById(area.dataset.count);
  if (shown) shown.textContent = `${area.value.length} / ${area.maxLength}`;
}
document.addEventListener("input", (event) => event.target.dataset?.count && count(event.target));

// Suggestions below a search field (the combobox pattern)
function options(field) {
  return all("[role=option]", document.getElementById(field.getAttribute("aria-controls")) || field);
}
function choose(field, index) {
  const found = options(field);
  found.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  field.dataset.index = index;
  if (found[index]) field.setAttribute("aria-activedescendant", found[index].id);
  else field.removeAttribute("aria-activedescendant");
}
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-combo]");
  if (!field || event.isComposing) return;
  const found = options(field);
  const index = Number(field.dataset.index ?? -1);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length) {
    event.preventDefault();
    choose(field, (index + step + found.length) % found.length);
  } else if (event.key === "Enter" && found[index]) {
    event.preventDefault();
    found[index].click();
  } else if (event.key === "Escape" && found.length) {
    event.preventDefault(); // a search field would empty itself
    document.getElementById(field.getAttribute("aria-controls"))?.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    choose(field, -1);
  }
});

// After htmx has put something in: reset the combobox, move the focus with a new main part, tell about a lost connection.
document.addEventListener("htmx:afterSwap", (event) => {
  const field = document.querySelector(`[data-combo][aria-controls="${event.target.id}"]`);
  if (field) {
    field.setAttribute("aria-expanded", String(options(field).length > 0));
    choose(field, -1);
  }
  prepare(event.target);
  if (event.target.id === "main") event.target.querySelector("h1")?.focus();
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast(document.body.dataset.sent));
}

// Drafts: a form with data-draft="key" keeps its words in this tab until it is sent. Tax data stays off the disk:
// sessionStorage ends with the tab.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = `draft:${form.dataset.draft}`;
  const fields = [...form.querySelectorAll("textarea[name], input[name]:not([type=hidden]):not([type=file]):not([type=password]):not([type=checkbox]):not([type=radio])")];
  const told = form.querySelector("[data-draft-state]");
  let timer = 0;

  const keep = (sent) => {
    const words = Object.fromEntries(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
    if (Object.keys(words).length && sent !== undefined) words[""] = sent;
    if (Object.keys(words).length) sessionStorage.setItem(key, JSON.stringify(words));
    else sessionStorage.removeItem(key);
    if (told) told.textContent = `${told.dataset.draftState} ${new Date().toTimeString().slice(0, 5)}`;
  };
  const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
  // A form with a stamp keeps its words when it is sent, and drops them when the next page has another stamp, which says
  // that they have arrived: a refusal, a lost session and a broken line lose nothing.
  const stamp = form.dataset.draftStamp;
  const arrived = "" in kept && kept[""] !== stamp;
  if (arrived) sessionStorage.removeItem(key);
  for (const field of fields) {
    // What the server sent, an error's values for instance, is newer than the draft.
    if (!arrived && !field.value && kept[field.name]) field.value = kept[field.name];
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(last, 800);
  });
  const last = () => {
    if (timer) keep();
    timer = 0;
  };
  addEventListener("pagehide", () => (clearTimeout(timer), last())); // another form's answer replaces the page
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = 0;
    if (stamp === undefined) sessionStorage.removeItem(key);
    else keep(stamp);
  });
}

/** What new parts of a page need once. */
function prepare(part) {
  all("[data-count]", part).forEach(count);
  all("[data-errsum]", part).slice(0, 1).forEach((summary) => summary.focus());
  all("[data-submit-on-change]", part).forEach((control) => control.addEventListener("change", () => control.form.requestSubmit()));
}
prepare(document);

// A part that came in on somebody's click takes the focus, so that nobody is lost on the page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement === document.body) event.target.querySelector?.("[data-take-focus]")?.focus();
});
