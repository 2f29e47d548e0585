// What keys do while one writes: lists go on by themselves, Tab moves in lists and tables, a mark typed over
// a selection goes around it, and a slash opens the menu.

import { isPressed, shownKeys } from "./commands.js";
import { icon } from "./icons.js";
import { cell, continued, indented, isAddress, isInCode, lineAt, wrapped } from "./lines.js";
import { Listbox } from "./listbox.js";
import { pointInWindow } from "./mirror.js";

const AROUND = { "*": "*", _: "_", "`": "`", "(": ")", "[": "]", "~": "~", '"': '"' };

export function helpTyping(text, commands) {
  const { field } = text;
  // After Escape, Tab leaves the field as it leaves every other.
  let isLeaving = false;
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (press(text, commands, event, isLeaving)) event.preventDefault();
    if (event.key !== "Shift") isLeaving = event.key === "Escape";
  });
  addSlashMenu(text, commands);
}

function press(text, commands, event, isLeaving) {
  const { value, start, end } = text;
  const command = commands.find(({ keys }) => isPressed(keys, event));
  if (command) {
    command.run(text);
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "Enter" && !event.shiftKey && start === end) return text.apply(continued(value, start));
  if (event.key === "Tab" && !isLeaving) {
    const direction = event.shiftKey ? -1 : 1;
    return text.apply(cell(value, start, direction)) || text.apply(indented(value, start, end, direction));
  }
  if (AROUND[event.key] && start !== end && !isAddress(text.selected)) return text.apply(around(value, start, end, event.key));
  return false;
}

/** Always around: typed twice, emphasis becomes strong. */
function around(value, start, end, mark) {
  if (/^\s*$/.test(value.slice(start, end))) return null;
  const edit = wrapped(value, start, end, mark, AROUND[mark]);
  const text = mark + value.slice(start, end) + AROUND[mark];
  return { ...edit, start, end, text, from: start + 1, to: end + 1 };
}

function addSlashMenu(text, commands) {
  const { field } = text;
  const choices = commands.filter(({ menu }) => menu);
  let begin = -1;
  const list = new Listbox(field, "Insert", ({ command }) => {
    const end = text.start;
    text.replace(begin, end, "");
    command.run(text);
  });
  const look = () => {
    const { value, start, end } = text;
    const line = lineAt(value, start);
    const typed = /(?:^|\s)\/([\p{L}\d]*)$/u.exec(line.text.slice(0, start - line.start));
    if (!typed || start !== end || isInCode(value, start)) return list.hide();
    begin = start - typed[1].length - 1;
    const word = typed[1].toLowerCase();
    const isNamed = ({ name, menu }) => `${name} ${menu}`.toLowerCase().split(" ").some((part) => part.startsWith(word));
    const begins = ({ name }) => name.toLowerCase().startsWith(word);
    const found = choices.filter(isNamed).sort((one, other) => begins(other) - begins(one));
    list.show(
      found.map((command) => ({ name: command.name, icon: icon(command.id), hint: shownKeys(command.keys), command })),
      pointInWindow(field, begin),
    );
  };
  field.addEventListener("input", (event) => {
    if (event.data === "/" || list.isOpen) look();
  });
  field.addEventListener("keyup", (event) => {
    if (list.isOpen && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) look();
  });
  addEventListener("scroll", () => list.isOpen && look(), { passive: true });
}
