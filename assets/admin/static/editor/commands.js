// Everything the editor can do to the text, in one table: the toolbar, the slash menu, the keys and their
// list are made of it.

import { begun, block, footnote, isAddress, wrapped } from "./lines.js";
import { make, openDialog } from "./page.js";

const around = (mark, close) => (text) => text.apply(wrapped(text.value, text.start, text.end, mark, close));
const lines = (look) => (text) => text.apply(begun(text.value, text.start, text.end, look));
const piece = (content, select) => (text) => text.apply(block(text.value, text.start, text.end, content, select));
const quoted = (mark) => (text) => piece(`> [!${mark}]\n> ${text.selected.replaceAll("\n", "\n> ") || "Text"}`, text.selected ? "" : "Text")(text);

function fenced(text) {
  const code = text.selected || "code";
  piece(`\`\`\`\n${code}\n\`\`\``, text.selected ? "" : code)(text);
}

function formula(text) {
  const isInLine = text.selected && !text.selected.includes("\n");
  if (isInLine) around("$")(text);
  else piece(`$$\n${text.selected || "a^2 + b^2 = c^2"}\n$$`, text.selected ? "" : "a^2 + b^2 = c^2")(text);
}

/** Asks for an address; in the text when the dialog is closed again. */
function asked(title, label, given, use) {
  const field = make("input", { id: "asked", type: "url", required: true, value: given, placeholder: "https://", autocomplete: "off" });
  const form = make(
    "form",
    { method: "dialog", submit: () => setTimeout(() => use(field.value.trim())) },
    make("p", { class: "field" }, make("label", { for: "asked" }, label), field),
    make("p", { class: "buttons" }, make("button", { class: "main" }, "Insert")),
  );
  openDialog(title, [form]);
  field.focus();
}

function link(text) {
  const { start, end, selected } = text;
  asked("Link", "Address", isAddress(selected) ? selected.trim() : "", (address) => {
    const label = isAddress(selected) ? "" : selected;
    const whole = `[${label}](${address})`;
    text.replace(start, end, whole, start + (label ? whole.length : 1));
  });
}

function embed(text) {
  const { start, end } = text;
  asked("Embed", "Address of a video on YouTube or Vimeo", "", (address) => text.apply(block(text.value, start, end, address)));
}

/** `bar`: a button in the toolbar; `menu`: found by these words after a slash. */
export const commands = (pictures) => [
  { id: "bold", name: "Bold", keys: "Mod+B", bar: 1, run: around("**") },
  { id: "italic", name: "Italic", keys: "Mod+I", bar: 1, run: around("*") },
  { id: "strike", name: "Struck out", keys: "Mod+Shift+X", run: around("~~") },
  { id: "link", name: "Link", keys: "Mod+K", bar: 1, run: link },
  { id: "code", name: "Code in the line", keys: "Mod+E", run: around("`") },
  { id: "heading", name: "Heading", keys: "Mod+Alt+2", bar: 2, menu: "title section h2", run: lines("##") },
  { id: "small", name: "Smaller heading", keys: "Mod+Alt+3", menu: "title section h3 sub", run: lines("###") },
  { id: "quote", name: "Quote", keys: "Mod+Alt+Q", bar: 2, menu: "blockquote citation", run: lines(">") },
  { id: "bullets", name: "List", keys: "Mod+Shift+8", bar: 2, menu: "bullets unordered", run: lines("-") },
  { id: "numbers", name: "Numbered list", keys: "Mod+Shift+7", bar: 2, menu: "ordered numbers", run: lines("1.") },
  { id: "tasks", name: "Tasks", keys: "Mod+Shift+9", menu: "todo checkbox list", run: lines("- [ ]") },
  { id: "picture", name: "Picture", keys: "Mod+Alt+I", bar: 3, menu: "image photo upload", run: (text) => pictures(text, false) },
  { id: "gallery", name: "Gallery", menu: "images photos pictures", run: (text) => pictures(text, true) },
  { id: "block", name: "Code", keys: "Mod+Alt+C", bar: 3, menu: "block program pre", run: fenced },
  { id: "table", name: "Table", bar: 3, menu: "grid rows columns", run: piece("| Name | Name |\n|------|------|\n|      |      |", "Name") },
  { id: "callout", name: "Note", bar: 3, menu: "callout aside info", run: quoted("NOTE") },
  { id: "callout", name: "Tip", menu: "callout hint", run: quoted("TIP") },
  { id: "callout", name: "Important", menu: "callout", run: quoted("IMPORTANT") },
  { id: "callout", name: "Warning", menu: "callout alert", run: quoted("WARNING") },
  { id: "callout", name: "Caution", menu: "callout danger", run: quoted("CAUTION") },
  { id: "footnote", name: "Footnote", keys: "Mod+Alt+F", bar: 3, menu: "reference note", run: (text) => text.apply(footnote(text.value, text.end)) },
  { id: "divider", name: "Divider", menu: "line rule hr separator", run: piece("---") },
  { id: "embed", name: "Embed", menu: "video youtube vimeo film", run: embed },
  { id: "math", name: "Formula", keys: "Mod+Alt+M", menu: "math equation latex tex", run: formula },
  { id: "more", name: "End of the excerpt", menu: "more break teaser", run: piece("<!--more-->") },
];

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Was it this one? AltGr, which some keyboards need for letters, is no Ctrl and Alt. */
export function isPressed(keys, event) {
  if (!keys || event.getModifierState("AltGraph")) return false;
  const parts = keys.split("+");
  const key = parts.pop();
  const has = (name) => parts.includes(name);
  const mod = isApple ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const isKey = event.key.toUpperCase() === key.toUpperCase() || event.code === `Key${key}` || event.code === `Digit${key}`;
  return mod === has("Mod") && event.altKey === has("Alt") && (event.shiftKey === has("Shift") || key === "/") && isKey;
}

export const shownKeys = (keys) => (isApple ? keys?.replace("Mod", "⌘").replace("Alt", "⌥").replace("Shift", "⇧").replaceAll("+", "") : keys?.replace("Mod", "Ctrl"));
export const spokenKeys = (keys) => keys?.replace("Mod", isApple ? "Meta" : "Control");
