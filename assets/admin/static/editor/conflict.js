// Somebody else saved meanwhile: what differs, and three ways on. Nothing is overwritten before one is chosen.

import { button, copyButton, make, openDialog } from "./page.js";

const KEPT_TAGS = new Set(["INS", "DEL", "P", "BR", "SPAN", "DIV", "PRE"]);

/** The server's comparison, without anything but words and marks. */
function shown(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const box = make("div", { class: "difference", tabindex: "0", role: "group", "aria-label": "Difference" });
  const take = (from, into) => {
    for (const node of from.childNodes) {
      if (node.nodeType === 3) into.append(node.data);
      else if (KEPT_TAGS.has(node.tagName)) take(node, into.appendChild(document.createElement(node.tagName)));
      else if (node.nodeType === 1) take(node, into);
    }
  };
  take(body, box);
  return box;
}

function partOf(part) {
  const diff = part.diff ? shown(part.diff) : make("pre", { class: "difference", tabindex: "0" }, part.text);
  return make("section", {}, make("h3", {}, part.name), diff);
}

export function showConflict(told, { mine, keepMine, takeTheirs }) {
  const { by, at, parts = [] } = told.theirs ?? {};
  const when = at ? `, ${at.text},` : "";
  const acts = make(
    "p",
    { class: "buttons" },
    button("Keep mine", () => (dialog.close(), keepMine(told.theirs)), "main"),
    button("Take theirs", () => (dialog.close(), takeTheirs(told.theirs))),
    copyButton("Copy mine", mine),
  );
  const dialog = openDialog(
    told.title ?? "It was changed meanwhile",
    [
      make("p", {}, `${by ? `${by} saved it` : "It was saved elsewhere"}${when} while you were writing. Nothing of yours is lost, and nothing of theirs: whatever you choose, the other stays in the history.`),
      parts.length ? make("p", { class: "facts" }, make("ins", {}, "Yours"), " ", make("del", {}, "theirs")) : null,
      ...parts.map(partOf),
      acts,
    ],
    { look: "wide" },
  );
}
