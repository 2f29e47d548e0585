// Where in the window a place of a textarea's text is. The browser does not say, so the same text is laid
// out once more, unseen.

import { make } from "./page.js";

const COPIED = ["font", "letterSpacing", "wordSpacing", "lineHeight", "padding", "border", "boxSizing", "direction", "textAlign", "textIndent", "tabSize"];

/** For each place, in growing order: how far from the field's left and top. */
export function points(field, places) {
  const look = getComputedStyle(field);
  const mirror = make("div", { class: "mirror", "aria-hidden": "true", lang: field.closest("[lang]")?.lang });
  for (const name of COPIED) mirror.style[name] = look[name];
  mirror.style.width = `${field.offsetWidth}px`;
  let last = 0;
  const marks = places.map((place) => {
    mirror.append(field.value.slice(last, place));
    last = place;
    const mark = document.createElement("span");
    mirror.append(mark);
    return mark;
  });
  mirror.append(field.value.slice(last) || ".");
  document.body.append(mirror);
  const found = marks.map((mark) => ({ left: mark.offsetLeft, top: mark.offsetTop, height: mark.offsetHeight }));
  mirror.remove();
  return found;
}

/** The same for one place, in the window. */
export function pointInWindow(field, place) {
  const box = field.getBoundingClientRect();
  const [point] = points(field, [place]);
  const top = box.top + point.top - field.scrollTop;
  return { left: box.left + point.left, top, bottom: top + point.height };
}
