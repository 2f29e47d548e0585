// The settings of the post in a sheet at the side: tags with completion, authors to tick, the cover, and how
// it will look where it is found.

import { Listbox } from "./listbox.js";
import { button, make, notice } from "./page.js";
import { openPicker } from "./picker.js";
import { upload } from "./upload.js";

const MAX_OFFERED = 8;
const EXCERPT_WORDS = 55;

export class Settings {
  constructor(form, opened) {
    this.form = form;
    this.sheet = form.querySelector(".settings");
    this.opened = opened;
    const close = make("button", { type: "button", class: "close", "aria-label": "Close the settings", click: () => this.toggle(false) }, "×");
    this.sheet.prepend(close);
    this.sheet.hidden = true;
    this.sheet.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.toggle(false);
    });
    completeTags(form.elements.tags);
    if (form.elements.authors) tickAuthors(form.elements.authors);
    dressCover(form);
    this.looks = form.querySelector(".looks");
    form.addEventListener("input", () => this.isOpen && this.look());
  }

  get isOpen() {
    return !this.sheet.hidden;
  }

  toggle(isOpen = !this.isOpen) {
    if (isOpen === this.isOpen) return;
    this.sheet.hidden = !isOpen;
    document.documentElement.classList.toggle("has-settings", isOpen);
    if (isOpen) {
      this.before = document.activeElement;
      this.look();
      this.sheet.querySelector("h2").focus();
    } else (this.before ?? this.form.elements.markdown).focus();
    this.opened(isOpen);
  }

  /** As a search engine and as a link in a message shows it. */
  look() {
    const { elements, dataset } = this.form;
    const value = (name) => elements[name]?.value.trim() ?? "";
    const title = value("meta_title") || value("title") || "Without a title";
    const text = value("meta_description") || value("excerpt") || opening(value("markdown"));
    const cover = value("cover");
    const picture = /^(?:https:\/\/|\/(?!\/))/.test(cover) ? make("img", { src: cover, alt: "" }) : make("div", { class: "drawn" }, make("b", {}, title), make("span", {}, dataset.site));
    const result = make("div", { class: "result" }, make("span", { class: "where" }, `${dataset.host} › ${value("slug") || elements.slug.placeholder || "…"}`), make("b", {}, `${title} · ${dataset.site}`), make("p", {}, text));
    const card = make("div", { class: "card" }, picture, make("span", { class: "where" }, dataset.host), make("b", {}, title), make("p", {}, text));
    this.looks.replaceChildren(make("p", { class: "hint" }, "In a search"), result, make("p", { class: "hint" }, "As a link in a message"), card);
  }
}

const opening = (markdown) => markdown.split("<!--more-->")[0].replaceAll(/^(?:```[^]*?```|#{1,6} .*|\|.*|\[\^.*)$/gm, "").replaceAll(/!\[[^\]]*\]\([^)]*\)|\[\^[^\]]*\]|^> ?(?:\[!\w+\])?/gm, "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[*_`~]/g, "").split(/\s+/).filter(Boolean).slice(0, EXCERPT_WORDS).join(" ");

/** Completes the last of the names with commas between them. */
function completeTags(field) {
  const names = [...document.querySelectorAll("#tag-names option")].map(({ value }) => value);
  field.removeAttribute("list");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  const last = () => /(?:^|,)\s*([^,"]*)$/.exec(field.value.slice(0, field.selectionStart))?.[1] ?? "";
  const list = new Listbox(field, "Tags there are", ({ name }) => {
    const at = field.selectionStart;
    const rest = field.value.slice(at).replace(/^[^,]*/, "");
    const written = /[,"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
    const head = field.value.slice(0, at - last().length) + written;
    field.value = `${head}${rest || ", "}`;
    field.setSelectionRange(head.length + 2, head.length + 2);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  field.addEventListener("input", () => {
    const word = last().trim().toLowerCase();
    const used = new Set(field.value.toLowerCase().split(",").map((name) => name.trim()));
    const isFound = (name) => name.toLowerCase().includes(word) && !used.has(name.toLowerCase());
    const found = word ? names.filter(isFound).slice(0, MAX_OFFERED) : [];
    // Enter keeps what was typed until an arrow chooses.
    list.show(found.map((name) => ({ name })), field.getBoundingClientRect(), -1);
  });
}

function tickAuthors(field) {
  const people = [...document.querySelectorAll("#people option")];
  if (!people.length) return;
  const chosen = () => field.value.split(",").map((name) => name.trim()).filter(Boolean);
  const box = ({ value, label }) => {
    const tick = make("input", { type: "checkbox" });
    const show = () => (tick.checked = chosen().includes(value));
    field.addEventListener("input", show);
    show();
    tick.addEventListener("change", () => {
      const rest = chosen().filter((slug) => slug !== value);
      field.value = (tick.checked ? [...rest, value] : rest).join(", ");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    });
    return make("label", { class: "check" }, tick, label);
  };
  const line = field.closest(".field");
  line.hidden = true;
  line.after(make("fieldset", { class: "choices" }, make("legend", { class: "unseen" }, "Authors"), ...people.map(box)));
}

function dressCover(form) {
  const { cover, cover_alt: alt } = form.elements;
  const place = form.querySelector(".cover");
  const set = (url, words) => {
    cover.value = url;
    if (words != null) alt.value = words;
    cover.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  const add = async ([file]) => {
    const bar = make("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    place.prepend(bar);
    try {
      const item = await upload(file, (part) => (bar.value = part));
      set(item.url, item.alt ?? "");
      if (!item.alt) alt.focus();
    } catch (error) {
      const told = notice(`${file.name} was not uploaded. ${error.message}`, button("Dismiss", () => told.remove(), "quiet"));
    } finally {
      bar.remove();
    }
  };
  const choose = button("Choose…", () => openPicker({ take: ([item]) => set(item.url, item.alt ?? ""), add, accept: "image/*" }));
  const remove = button("Remove", () => set("", ""), "quiet");
  const show = () => {
    const isShown = /^(?:https:\/\/|\/(?!\/))/.test(cover.value);
    const picture = isShown ? make("img", { src: cover.value, alt: alt.value }) : null;
    place.replaceChildren(...[picture, choose].filter(Boolean), ...(cover.value ? [remove] : []));
  };
  cover.addEventListener("input", show);
  show();
}
