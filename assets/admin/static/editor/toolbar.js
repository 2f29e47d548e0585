// The buttons above the text, and the list of all keys.

import { shownKeys, spokenKeys } from "./commands.js";
import { icon } from "./icons.js";
import { make, openDialog } from "./page.js";

export function iconButton({ id, name, keys, run, ...more }) {
  const title = keys ? `${name} (${shownKeys(keys)})` : name;
  return make("button", { type: "button", class: "icon", "aria-label": name, title, "aria-keyshortcuts": spokenKeys(keys), click: run, ...more }, icon(id));
}

/** One stop for Tab; arrows go from button to button. */
export function makeToolbar(text, commands) {
  const shown = commands.filter(({ bar }) => bar);
  const buttons = shown.map((command) => iconButton({ ...command, run: () => command.run(text), bar: null, menu: null }));
  const bar = make("div", { class: "toolbar", role: "toolbar", "aria-label": "Format", "aria-controls": "markdown" });
  buttons.forEach((one, n) => {
    if (n && shown[n].bar !== shown[n - 1].bar) bar.append(make("span", { class: "gap" }));
    one.tabIndex = n ? -1 : 0;
    // The text keeps its selection, and a phone its keyboard.
    one.addEventListener("mousedown", (event) => event.preventDefault());
    bar.append(one);
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const isReversed = getComputedStyle(bar).direction === "rtl";
    const step = { ArrowRight: isReversed ? -1 : 1, ArrowLeft: isReversed ? 1 : -1 }[event.key];
    const next = step ? (at + step + buttons.length) % buttons.length : { Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || next == null) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  return bar;
}

const HINTS = [
  ["/", "everything that can be inserted"],
  ["Enter", "the next item of a list; in an empty one its end"],
  ["Tab", "deeper in a list, the next cell of a table"],
  ["Esc, Tab", "out of the text"],
  ["* _ ` [ (", "typed over a selection: around it"],
];

export function showKeys(commands) {
  const rows = (list) => list.map(([keys, name]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, name)));
  const keyed = commands.filter(({ keys }) => keys).map(({ keys, name }) => [shownKeys(keys), name]);
  openDialog("Keys", [make("dl", { class: "keys" }, ...rows(HINTS), ...rows(keyed)), make("p", { class: "facts" }, "Paste rich text and it becomes Markdown; paste an address over a selection and it becomes a link; drop pictures anywhere on the page.")], { look: "wide" });
}
