// Pasting and dropping: rich text becomes Markdown, an address over a selection a link, a file an upload.

import { isRich, markdownOf } from "./from-html.js";
import { isAddress, isInCode } from "./lines.js";

export function helpPasting(text, pictures) {
  const { field } = text;
  field.addEventListener("paste", (event) => {
    if (take(text, pictures, event.clipboardData)) event.preventDefault();
  });
  const desk = field.closest(".paper");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  desk.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    desk.classList.add("receives");
  });
  desk.addEventListener("dragleave", (event) => desk.contains(event.relatedTarget) || desk.classList.remove("receives"));
  desk.addEventListener("drop", (event) => {
    desk.classList.remove("receives");
    if (!hasFiles(event)) return;
    event.preventDefault();
    pictures.add([...event.dataTransfer.files]);
  });
  // Beside the text a dropped file would replace the page, and what is written with it.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => hasFiles(event) && event.preventDefault());
}

function take(text, pictures, data) {
  const plain = data.getData("text/plain");
  const html = data.getData("text/html");
  const files = [...data.files];
  // Word processors put a picture of the text beside the text.
  if (files.length && !plain.trim()) {
    pictures.add(files);
    return true;
  }
  if (isInCode(text.value, text.start)) return false;
  if (isAddress(plain)) {
    const label = text.selected;
    if (!label.trim() || label.includes("\n") || isAddress(label)) return false;
    text.replace(text.start, text.end, `[${label}](${plain.trim()})`);
    return true;
  }
  // Editors of code offer their colours as rich text.
  if (!html || data.types.includes("vscode-editor-data") || !isRich(html)) return false;
  const markdown = markdownOf(html);
  if (!markdown) return false;
  text.replace(text.start, text.end, spaced(text, markdown));
  return true;
}

/** Blocks need an empty line around; words in a line do not. */
function spaced({ value, start, end }, markdown) {
  if (!/\n|^(?:#|>|- |\d+\. |\||```)/.test(markdown)) return markdown;
  const before = value.slice(0, start);
  const after = value.slice(end);
  const lead = !before.trim() || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const tail = !after.trim() || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  return lead + markdown + tail;
}
