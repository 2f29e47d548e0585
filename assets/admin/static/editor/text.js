// The text under the writer's hands: a plain textarea, changed through the browser's own editing, so that
// undo takes back what we did as it takes back what was typed.

export class Text {
  constructor(field) {
    this.field = field;
    grow(field);
  }

  get value() {
    return this.field.value;
  }

  get start() {
    return this.field.selectionStart;
  }

  get end() {
    return this.field.selectionEnd;
  }

  get selected() {
    return this.value.slice(this.start, this.end);
  }

  /** Puts `text` in the place of what stands from `start` to `end`, and selects from `from` to `to`. */
  replace(start, end, text, from = start + text.length, to = from) {
    this.field.focus({ preventScroll: true });
    this.field.setSelectionRange(start, end);
    const command = text ? "insertText" : "delete";
    const isNothing = !text && start === end;
    if (!isNothing && !document.execCommand(command, false, text)) this.#force(start, end, text);
    this.field.setSelectionRange(from, to);
  }

  /** An edit as `lines.js` makes it; `null` is none. */
  apply(edit) {
    if (edit) this.replace(edit.start, edit.end, edit.text, edit.from, edit.to);
    return Boolean(edit);
  }

  /** Replaces something elsewhere; the caret stays where it was in the text. */
  swap(old, fresh) {
    const at = this.value.indexOf(old);
    if (at < 0) return false;
    const moved = (place) => (place <= at ? place : Math.max(at, place - old.length) + fresh.length);
    const [start, end] = [moved(this.start), moved(this.end)];
    if (document.activeElement === this.field) this.replace(at, at + old.length, fresh, start, end);
    else this.#force(at, at + old.length, fresh);
    return true;
  }

  #force(start, end, text) {
    this.field.setRangeText(text, start, end, "preserve");
    this.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

/** Makes a field as high as its text, where the browser does not do it by itself. */
export function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  field.addEventListener("input", fit);
  addEventListener("resize", fit);
  fit();
}
