// The library in a dialog: what is there, found by words, one or several; or something new.

import { button, later, make, openDialog } from "./page.js";
import { askForFiles, library } from "./upload.js";

const PAUSE_MS = 200;

/** `take` gets what was chosen, `add` the files that are not there yet. */
export function openPicker({ isMany = false, take, add, accept = "" }) {
  let page = 1;
  let asked = 0;
  const chosen = new Map();
  const field = make("input", { type: "search", "aria-label": "Search the library", placeholder: "Search the library", autocomplete: "off", input: later(PAUSE_MS, () => show(true)) });
  const grid = make("ul", { class: "shelf" });
  const told = make("p", { class: "facts", role: "status" });
  const more = button("Older", () => (page++, show(false)), "quiet");
  const insert = button("Insert", () => finish([...chosen.values()]), "main");
  insert.hidden = !isMany;
  const fresh = button("Upload…", () => askForFiles((files) => (dialog.close(), add(files)), accept, isMany));
  const finish = (items) => {
    dialog.close();
    if (items.length) take(items);
  };

  function pick(item, tile) {
    if (!isMany) return finish([item]);
    if (!chosen.delete(item.id)) chosen.set(item.id, item);
    tile.setAttribute("aria-pressed", chosen.has(item.id));
    insert.textContent = chosen.size ? `Insert ${chosen.size}` : "Insert";
  }

  function tileOf(item) {
    const isImage = item.mime.startsWith("image/");
    const look = isImage ? make("img", { src: item.thumbnail ?? item.url, alt: "", loading: "lazy" }) : make("span", { class: "sign" }, item.name.split(".").pop());
    const tile = make("button", { type: "button", class: "tile", "aria-pressed": isMany && String(chosen.has(item.id)), click: () => pick(item, tile) }, look, make("span", {}, item.alt || item.name));
    return make("li", {}, tile);
  }

  async function show(isFresh) {
    if (isFresh) page = 1;
    const mine = ++asked;
    try {
      const { items, older } = await library(field.value, page);
      if (mine !== asked) return;
      const wanted = items.filter(({ mime }) => !accept || mime.startsWith(accept.replace("*", "")));
      if (isFresh) grid.replaceChildren();
      grid.append(...wanted.map(tileOf));
      told.textContent = grid.children.length ? "" : field.value ? "Nothing found." : "The library is empty. Upload something.";
      more.hidden = !older;
    } catch (error) {
      told.textContent = error.message;
      more.hidden = true;
    }
  }

  const dialog = openDialog(isMany ? "Choose pictures" : "Choose a picture", [make("div", { class: "picker-head" }, field, fresh), told, grid, make("p", { class: "buttons" }, more, insert)], { look: "picker" });
  more.hidden = true;
  show(true);
}
