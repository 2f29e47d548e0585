// A list of choices beneath a field that keeps the focus: arrows choose, Enter takes, Escape leaves. The
// field says to screen readers what is chosen (the combobox pattern).

import { make } from "./page.js";

let lists = 0;

export class Listbox {
  #options = [];
  #chosen = -1;

  constructor(field, label, take) {
    this.field = field;
    this.take = take;
    this.list = make("ul", { class: "listbox", id: `listbox-${++lists}`, role: "listbox", tabindex: "0", "aria-label": label, hidden: true });
    this.told = make("p", { class: "unseen", role: "status" });
    (field.closest("dialog") ?? document.body).append(this.list, this.told);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    // Before the field's other listeners.
    field.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    field.addEventListener("blur", () => this.hide());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Shows { name, hint, icon } beneath a point of the window; the first is chosen unless `chosen` says otherwise. */
  show(options, point, chosen = 0) {
    this.#options = options;
    this.list.replaceChildren(...options.map((option, n) => this.#row(option, n)));
    const wasOpen = this.isOpen;
    this.list.hidden = !options.length;
    if (!options.length) return this.hide();
    this.#place(point);
    this.#choose(chosen);
    if (this.field.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", "true");
    if (!wasOpen) this.told.textContent = `${options.length} choices. Arrows choose, Enter takes, Escape leaves.`;
  }

  hide() {
    this.list.hidden = true;
    this.told.textContent = "";
    this.field.removeAttribute("aria-activedescendant");
    if (this.field.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", "false");
  }

  #row(option, n) {
    const row = make("li", { role: "option", id: `${this.list.id}-${n}`, "aria-selected": "false" });
    if (option.icon) row.append(make("span", { class: "sign", "aria-hidden": "true" }, option.icon));
    row.append(make("span", {}, option.name));
    if (option.hint) row.append(make("kbd", {}, option.hint));
    row.addEventListener("mousedown", (event) => {
      // The field keeps the focus.
      event.preventDefault();
      this.#takeOption(n);
    });
    row.addEventListener("mousemove", () => this.#choose(n));
    return row;
  }

  #choose(n) {
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    this.#chosen = n;
    const row = this.list.children[n];
    if (!row) return this.field.removeAttribute("aria-activedescendant");
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", row.id);
  }

  #takeOption(n) {
    const option = this.#options[n];
    this.hide();
    this.take(option);
  }

  #key(event) {
    if (!this.isOpen || event.isComposing) return;
    const count = this.#options.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose(this.#chosen < 0 && step < 0 ? count - 1 : (this.#chosen + step + count) % count);
    else if (event.key === "Escape") this.hide();
    else if ((event.key === "Enter" || event.key === "Tab") && this.#chosen >= 0) this.#takeOption(this.#chosen);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #place({ left, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.list;
    const space = visualViewport ?? { height: innerHeight, width: innerWidth };
    const isBelow = bottom + height < space.height || top < height;
    this.list.style.left = `${Math.max(8, Math.min(left, space.width - width - 8))}px`;
    this.list.style.top = `${Math.max(8, isBelow ? bottom + 4 : top - height - 4)}px`;
  }
}
