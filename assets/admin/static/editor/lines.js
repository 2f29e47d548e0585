// What editing means in Markdown: pure functions from a text and a selection to an edit, which is
// { start, end, text, from, to }: what to replace, by what, and what is selected then. `null`: nothing to do.

/** What a line begins with: quotes, then perhaps a bullet or a number, then perhaps a box. */
const ITEM = /^(\s*(?:> ?)*)([-*+]|(\d{1,9})([.)]))( +)(\[[ xX]\] )?/;
const QUOTE = /^\s*(?:> ?)+/;
const FENCE = /^\s{0,3}(```+|~~~+)/;

export function lineAt(value, at) {
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const next = value.indexOf("\n", at);
  const end = next < 0 ? value.length : next;
  return { start, end, text: value.slice(start, end) };
}

export function isInCode(value, at) {
  let open = "";
  for (const line of value.slice(0, lineAt(value, at).start).split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (!mark) continue;
    if (!open) open = mark;
    else if (mark.startsWith(open)) open = "";
  }
  return Boolean(open);
}

/** Enter: the next item of a list, the next line of a quote; in an empty one it ends. */
export function continued(value, at) {
  const line = lineAt(value, at);
  if (isInCode(value, at)) {
    const indent = /^[ \t]*/.exec(line.text)[0].slice(0, at - line.start);
    return indent ? insert(at, at, `\n${indent}`) : null;
  }
  const item = ITEM.exec(line.text);
  const prefix = item?.[0] ?? QUOTE.exec(line.text)?.[0];
  if (!prefix || at < line.start + prefix.length) return null;
  if (!line.text.slice(prefix.length).trim()) {
    // Out of a nested item first, out of the list then.
    // The empty line keeps what follows from being taken for a part of the last item.
    const isNested = item && /^\s/.test(prefix);
    return insert(line.start, line.end, isNested ? numbered(value, line.start, shift(line.text, -1)) : item?.[1] || "\n");
  }
  if (!item) return insert(at, at, `\n${prefix}`);
  const [, before, bullet, number, dot, space, box] = item;
  const mark = number ? `${Number(number) + 1}${dot}` : bullet;
  return insert(at, at, `\n${before}${mark}${space}${box ? "[ ] " : ""}`);
}

const insert = (start, end, text) => ({ start, end, text, from: start + text.length, to: start + text.length });

/** A line of a list further in or out, by the width of its own mark. */
function shift(text, direction) {
  const item = ITEM.exec(text);
  const width = item ? item[2].length + item[5].length : 2;
  if (direction > 0) return " ".repeat(width) + text;
  return text.replace(new RegExp(`^ {1,${width}}`), "");
}

/** An item that has moved continues the numbers of the list it is in now. */
function numbered(value, at, text) {
  const [, indent, , number] = ITEM.exec(text) ?? [];
  if (!number) return text;
  const above = value.slice(0, at).split("\n").slice(0, -1).reverse();
  for (const line of above) {
    const other = ITEM.exec(line);
    if (other?.[1] === indent && other[3]) return text.replace(/\d+/, Number(other[3]) + 1);
    if (!other || other[1].length < indent.length) break;
  }
  return text.replace(/\d+/, "1");
}

/** Tab in a list. */
export function indented(value, start, end, direction) {
  const first = lineAt(value, start);
  if (!ITEM.test(first.text) || isInCode(value, start)) return null;
  const last = lineAt(value, end > start && value[end - 1] === "\n" ? end - 1 : end);
  const lines = value.slice(first.start, last.end).split("\n");
  const moving = lines.map((line) => (line.trim() ? shift(line, direction) : line));
  const text = lines.length === 1 ? numbered(value, first.start, moving[0]) : moving.join("\n");
  const moved = text.length - (last.end - first.start);
  if (!moved) return null;
  const from = Math.max(first.start, start + text.indexOf(text.trimStart()) - lines[0].indexOf(lines[0].trimStart()));
  return { start: first.start, end: last.end, text, from, to: start === end ? from : end + moved };
}

/** Tab in a table: the next cell, selected. */
export function cell(value, at, direction) {
  const isRow = (text) => /^\s*\|.*\|\s*$/.test(text);
  const line = lineAt(value, at);
  if (!isRow(line.text)) return null;
  const bars = [];
  for (let place = blockStart(value, line.start, isRow); place < value.length; ) {
    const row = lineAt(value, place);
    if (!isRow(row.text)) break;
    if (!/^[\s|:-]+$/.test(row.text) || !row.text.includes("-")) {
      const found = [...row.text.matchAll(/(?<!\\)\|/g)].map((bar) => row.start + bar.index);
      for (let n = 0; n + 1 < found.length; n++) bars.push([found[n] + 1, found[n + 1]]);
    }
    place = row.end + 1;
  }
  const here = bars.findIndex(([from, to]) => at >= from && at <= to);
  const target = bars[here + direction];
  if (here < 0) return null;
  if (!target && direction < 0) return null;
  if (!target) {
    const columns = line.text.match(/(?<!\\)\|/g).length - 1;
    const row = `\n|${"   |".repeat(columns)}`;
    return { start: line.end, end: line.end, text: row, from: line.end + 3, to: line.end + 3 };
  }
  const inside = value.slice(...target);
  const from = target[0] + (inside.trim() ? inside.length - inside.trimStart().length : Math.min(1, inside.length));
  return { start: from, end: from, text: "", from, to: from + inside.trim().length };
}

function blockStart(value, start, belongs) {
  while (start > 0) {
    const above = lineAt(value, start - 1);
    if (!belongs(above.text)) break;
    start = above.start;
  }
  return start;
}

/** Puts marks around what is selected, or takes them away. */
export function wrapped(value, start, end, mark, close = mark) {
  if (start === end) {
    const word = /[\p{L}\p{N}_'’-]*$/u.exec(value.slice(0, start))[0].length;
    const rest = /^[\p{L}\p{N}_'’-]*/u.exec(value.slice(end))[0].length;
    if (word && rest) [start, end] = [start - word, end + rest];
  }
  const inside = value.slice(start, end);
  const isAround = (text) => text.length >= mark.length + close.length && text.startsWith(mark) && text.endsWith(close);
  const outside = value.slice(start - mark.length, end + close.length);
  // “*” is not the half of “**”.
  const isWhole = value[start - mark.length - 1] !== mark[0] || mark.length > 1 || mark === "`";
  if (start >= mark.length && isAround(outside) && isWhole) {
    return { start: start - mark.length, end: end + close.length, text: inside, from: start - mark.length, to: end - mark.length };
  }
  if (isAround(inside)) {
    const text = inside.slice(mark.length, inside.length - close.length);
    return { start, end, text, from: start, to: start + text.length };
  }
  const text = inside.trim();
  const lead = inside.indexOf(text);
  start += lead;
  return { start, end: start + text.length, text: mark + text + close, from: start + mark.length, to: start + mark.length + text.length };
}

/** Makes lines begin with something, or takes it away: headings, quotes, lists. */
export function begun(value, start, end, look) {
  const first = lineAt(value, start);
  const last = lineAt(value, end);
  const lines = value.slice(first.start, last.end).split("\n");
  const plain = (line) => line.replace(look.startsWith("#") ? /^#{1,6} +/ : /^(?:#{1,6} +|[-*+] \[[ xX]\] |[-*+] +|\d{1,9}[.)] +|> ?)/, "");
  let number = 0;
  const mark = () => (look === "1." ? `${++number}. ` : `${look} `);
  const isThere = lines.every((line) => !line.trim() || (look === "1." ? /^\d+\. /.test(line) : line.startsWith(`${look} `) && !(look === "-" && /^- \[/.test(line))));
  const isEmpty = lines.length === 1 && !lines[0].trim();
  const text = lines.map((line) => (isThere && !isEmpty ? plain(line) : line.trim() || isEmpty ? mark() + plain(line) : line)).join("\n");
  const to = first.start + text.length;
  return { start: first.start, end: last.end, text, from: lines.length > 1 ? first.start : to, to };
}

/** A block of its own, with empty lines around; `select` is the part of it to be written over. */
export function block(value, start, end, text, select = "") {
  const before = value.slice(0, start).trimEnd();
  const after = value.slice(end);
  const lead = before ? "\n\n" : "";
  const tail = after.trim() ? "\n\n" : "\n";
  const at = before.length + lead.length;
  const chosen = select ? text.indexOf(select) : text.length + (after.trim() ? 0 : tail.length);
  const skipped = after.length - after.trimStart().length;
  return { start: before.length, end: end + skipped, text: lead + text + tail, from: at + chosen, to: at + chosen + select.length };
}

/** The next footnote: its mark here, its text at the end, where the caret goes. */
export function footnote(value, at) {
  let number = 1;
  while (value.includes(`[^${number}]`)) number++;
  const body = value.slice(at).trimEnd();
  const isAfterOther = /(?:^|\n)\[\^[^\]]+\]:.*$/.test(value.trimEnd());
  const text = `[^${number}]${body}${isAfterOther ? "\n" : "\n\n"}[^${number}]: `;
  return { start: at, end: value.length, text, from: at + text.length, to: at + text.length };
}

/** Where blocks begin, each with its first letters: to find the same place in the finished page. */
export function blocks(value) {
  const found = [];
  let at = 0;
  let fence = "";
  let isInside = false;
  for (const line of value.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (!fence && (mark || (line.trim() && (!isInside || /^#{1,6} /.test(line))))) found.push({ at, text: "" });
    if (found.length && !(mark && line.trim() === mark)) found.at(-1).text += `${line}\n`;
    if (mark) fence = !fence ? mark : mark.startsWith(fence) ? "" : fence;
    isInside = Boolean(fence) || (Boolean(line.trim()) && !mark && !/^#{1,6} /.test(line));
    at += line.length + 1;
  }
  return found;
}

export const isAddress = (text) => /^(?:https?:\/\/|mailto:)\S+$/i.test(text.trim());
