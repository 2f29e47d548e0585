// Keeps the text and its preview at the same place. Blocks of the text are found again in the page by their
// first letters; between two that were found, places are in proportion.

import { blocks } from "./lines.js";
import { points } from "./mirror.js";

const LETTERS = 24;
const LOOK_AHEAD = 15;
/** Which part of the window is looked at. */
const EYE = 0.3;
const LEAD_MS = 400;

const plain = (text) => text.replaceAll(/!?\[([^\]]*)\]\([^)]*\)|<[^>]*>|^[ \t]*(?:[-*+>]|\d+[.)])/gm, "$1").replaceAll(/[^\p{L}\p{N}]/gu, "").slice(0, LETTERS).toLowerCase();

export class Along {
  #pairs = null;
  /** Which side moves by itself; the other follows. */
  #leader = null;

  constructor(field, frame) {
    this.field = field;
    this.frame = frame;
    addEventListener("scroll", () => this.#lead("text"), { passive: true });
    addEventListener("resize", () => (this.#pairs = null));
    field.addEventListener("input", () => (this.#pairs = null));
  }

  /** The frame has a new page, or new content. */
  settle() {
    const inside = this.frame.contentWindow;
    if (this.inside !== inside.document) {
      this.inside = inside.document;
      inside.addEventListener("scroll", () => this.#lead("frame"), { passive: true });
    }
    this.#pairs = null;
    this.follow();
  }

  follow() {
    this.#leader = null;
    this.#lead("text");
  }

  #lead(side) {
    if (this.#leader && this.#leader !== side) return;
    if (!this.frame.offsetParent || !this.inside?.body) return;
    this.#leader = side;
    clearTimeout(this.release);
    this.release = setTimeout(() => (this.#leader = null), LEAD_MS);
    cancelAnimationFrame(this.next);
    this.next = requestAnimationFrame(() => (side === "text" ? this.#moveFrame() : this.#moveText()));
  }

  #moveFrame() {
    const window = this.frame.contentWindow;
    const top = this.field.getBoundingClientRect().top;
    const eye = this.#eye();
    // At the very top both are at the top.
    const to = scrollY < 8 ? 0 : between(this.#places(), 0, 1, eye - top) - window.innerHeight * EYE;
    window.scrollTo({ top: to, behavior: "instant" });
  }

  #moveText() {
    const window = this.frame.contentWindow;
    const place = between(this.#places(), 1, 0, window.scrollY + window.innerHeight * EYE);
    const top = this.field.getBoundingClientRect().top + scrollY;
    scrollTo({ top: window.scrollY < 8 ? 0 : top + place - innerHeight * EYE, behavior: "instant" });
  }

  #eye() {
    return innerHeight * EYE;
  }

  /** [height in the text, height in the page] of what is in both, in order. */
  #places() {
    if (this.#pairs) return this.#pairs;
    const window = this.frame.contentWindow;
    const parts = blocks(this.field.value);
    const heights = points(this.field, parts.map(({ at }) => at)).map(({ top }) => top);
    const elements = content(window.document);
    const looks = elements.map((element) => plain(element.textContent));
    const height = (element) => element.getBoundingClientRect().top + window.scrollY;
    const found = [];
    let next = 0;
    parts.forEach(({ text }, n) => {
      const look = plain(text);
      if (!look) return;
      const at = looks.findIndex((other, m) => m >= next && m < next + LOOK_AHEAD && other && (other.startsWith(look) || look.startsWith(other)));
      if (at < 0) return;
      found.push([heights[n], height(elements[at])]);
      next = at + 1;
    });
    const last = elements.at(-1);
    const ends = [this.field.offsetHeight, last ? last.getBoundingClientRect().bottom + window.scrollY : window.document.body.scrollHeight];
    this.#pairs = [[0, elements[0] ? height(elements[0]) : 0], ...found, ends];
    return this.#pairs;
  }
}

/** The blocks of the article, whatever the theme calls what holds them. */
function content(page) {
  const isBlock = ({ localName }) => /^(?:p|h[1-6]|ul|ol|pre|blockquote|figure|table|div|hr|dl|math|section)$/.test(localName);
  const holders = [...page.querySelectorAll(".prose, article, article div, main, body")];
  const count = (holder) => [...holder.children].filter(({ localName }) => /^(?:p|h[1-6]|ul|ol|pre|blockquote|figure)$/.test(localName)).length;
  const best = holders.find(({ className }) => className === "prose") ?? holders.sort((one, other) => count(other) - count(one))[0];
  return [...(best?.children ?? [])].filter(isBlock);
}

function between(pairs, from, to, place) {
  let n = pairs.findLastIndex((pair) => pair[from] <= place);
  if (n < 0) return place - pairs[0][from] + pairs[0][to];
  if (n === pairs.length - 1) return pairs[n][to] + place - pairs[n][from];
  const [low, high] = [pairs[n], pairs[n + 1]];
  const part = high[from] > low[from] ? (place - low[from]) / (high[from] - low[from]) : 0;
  return low[to] + part * (high[to] - low[to]);
}
