// What every module needs of the page: making elements, waiting, copying, a calm dialog.

/** make("p", { class: "x" }, "text", child); an attribute that is true is set, one that is false is not. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const button = (label, click, look = "plain") => make("button", { type: "button", class: look, click }, label);

/** Does it once, when nobody has asked for a while. */
export function later(pause, act) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(act, pause);
  };
  wait.cancel = () => clearTimeout(timer);
  return wait;
}

export async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS browsers keep the clipboard to themselves, but still copy what is selected.
  }
  const field = make("textarea", { class: "unseen", readonly: "" });
  field.value = text;
  const before = document.activeElement;
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  if (!done) throw new Error("not copied");
}

export function copyButton(label, text) {
  const act = button(label, async () => {
    try {
      await copy(text());
      act.textContent = "Copied";
    } catch {
      act.textContent = "Copying did not work";
    }
    setTimeout(() => (act.textContent = label), 2000);
  });
  return act;
}

let dialogs = 0;

/** Opens a dialog in `home`; it goes when it is closed. */
export function openDialog(title, content, { home = document.body, look = "", closed } = {}) {
  const id = `dialog-${++dialogs}`;
  const close = make("button", { type: "button", class: "close", "aria-label": "Close", click: () => dialog.close() }, "×");
  // Whoever was typing does not press a button by it.
  const head = make("h2", { id, tabindex: "-1", autofocus: true }, title);
  const dialog = make("dialog", { class: `calm ${look}`, "aria-labelledby": id }, make("div", { class: "dialog-head" }, head, close), ...content);
  // A click on the backdrop has the dialog itself as its target, and lies outside of its box.
  dialog.addEventListener("mousedown", (event) => {
    const box = dialog.getBoundingClientRect();
    const isInside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (event.target === dialog && !isInside) dialog.close();
  });
  dialog.addEventListener("close", () => {
    closed?.();
    dialog.remove();
  });
  home.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A line between the bar and the text, with what can be done about it. */
export function notice(text, ...acts) {
  const line = make("div", { class: "note", role: "status" }, make("p", {}, text), ...acts);
  document.querySelector(".notices").append(line);
  return line;
}

/** Opens whatever is closed around a field, and goes there. */
export function goTo(field) {
  for (let closed = field.closest("details:not([open])"); closed; closed = closed.parentElement.closest("details:not([open])")) closed.open = true;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}
