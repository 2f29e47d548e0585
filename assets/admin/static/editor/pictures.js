// Pictures and other files in the text: chosen, dropped or pasted. While one is on its way a line of the
// text holds its place; then it is asked what the picture shows.

import { block } from "./lines.js";
import { make, notice, button } from "./page.js";
import { openPicker } from "./picker.js";
import { upload } from "./upload.js";

let count = 0;

export class Pictures {
  #text;
  /** What is on its way. */
  pending = new Set();

  constructor(text) {
    this.#text = text;
  }

  /** From the library, or new ones. */
  choose(text, isGallery) {
    const { start, end } = text;
    openPicker({
      isMany: isGallery,
      take: (items) => text.apply(block(text.value, start, end, items.map(markdownOf).join("\n"))),
      add: (files) => this.add(files, start, end),
    });
  }

  /** Several stand in one paragraph, side by side. */
  add(files, start = this.#text.start, end = this.#text.end) {
    const uploads = files.map((file) => ({ file, holder: `![${file.name.replaceAll(/[[\]\\\n]/g, "")} is being uploaded](#upload-${++count})` }));
    this.#text.apply(block(this.#text.value, start, end, uploads.map(({ holder }) => holder).join("\n")));
    for (const one of uploads) {
      const sending = this.#send(one).finally(() => this.pending.delete(sending));
      this.pending.add(sending);
    }
  }

  async #send({ file, holder }) {
    const bar = make("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    const row = notice(`Uploading ${file.name}`, bar);
    try {
      const item = await upload(file, (part) => (bar.value = part));
      row.remove();
      // Taken out by the writer meanwhile: it stays in the library.
      if (this.#text.swap(holder, markdownOf(item)) && item.mime.startsWith("image/") && !item.alt) this.#askAlt(item);
    } catch (error) {
      row.remove();
      this.#text.swap(holder, "");
      const told = notice(`${file.name} was not uploaded. ${error.message}`, button("Dismiss", () => told.remove(), "quiet"));
    }
  }

  #askAlt(item) {
    const id = `alt-${item.id}`;
    const field = make("input", { id, autocomplete: "off" });
    const row = make(
      "form",
      { class: "note alt", submit: (event) => (event.preventDefault(), this.#describe(item, field.value), row.remove(), this.#text.field.focus()) },
      make("img", { src: item.thumbnail ?? item.url, alt: "" }),
      make("p", { class: "field" }, make("label", { for: id }, `What does ${item.name} show?`, make("span", { class: "hint" }, " for those who cannot see it")), field),
      make("button", { class: "plain" }, "Done"),
      button("It is decoration", () => row.remove(), "quiet"),
    );
    // Outside of the editor's own form: forms do not nest.
    document.querySelector(".asides").append(row);
  }

  #describe(item, words) {
    const alt = words.trim().replaceAll(/[[\]\\]/g, "\\$&");
    const mark = this.#text.value.split(/(!\[[^\]]*\]\([^)]*\))/).find((part) => part.startsWith("![") && part.includes(item.url));
    if (alt && mark) this.#text.swap(mark, mark.replace(/^!\[[^\]]*\]/, () => `![${alt}]`));
  }
}

const markdownOf = (item) => item.markdown ?? `![${item.alt ?? ""}](${item.url})`;
