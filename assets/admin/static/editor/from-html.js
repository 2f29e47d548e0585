// Rich text to Markdown: what somebody copied from a page, a mail or a word processor. Knows what Markdown
// can say, and leaves out the rest.

const BLOCKS = new Set("ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION SUMMARY TABLE UL".split(" "));
const SILENT = new Set("BUTTON CANVAS HEAD IFRAME INPUT META NOSCRIPT OBJECT SCRIPT SELECT STYLE SVG TEMPLATE TEXTAREA TITLE VIDEO AUDIO".split(" "));
const MAX_DEPTH = 60;

/** A page of its own, of which nothing runs or is dressed: our policy would complain of every try. */
function parsed(html) {
  const tame = html.replaceAll(/<[a-z][^>]*>/gi, (tag) => tag.replaceAll(/\s(style|on\w+)\s*=/gi, " data-$1="));
  return new DOMParser().parseFromString(tame, "text/html").body;
}

/** Markdown; empty where there is nothing in it. */
export function markdownOf(html) {
  const body = parsed(html);
  return blocksOf(body, 0).join("\n\n").trim();
}

/** Has it anything plain text would lose? */
export function isRich(html) {
  const body = parsed(html);
  if (body.querySelector("a[href],img,h1,h2,h3,h4,h5,h6,ul,ol,table,blockquote,strong,em,i,code,pre,del,s,hr")) return true;
  return [...body.querySelectorAll("b,span[data-style]")].some((node) => weight(node) || slant(node));
}

const isBlock = (node) => BLOCKS.has(node.tagName) || (node.nodeType === 1 && !SILENT.has(node.tagName) && [...node.children].some(isBlock));
// Some word processors wrap everything in a <b> that is not bold.
const look = ({ dataset }, name) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(dataset.style ?? "")?.[1];
const weight = (node) => /bold|[6-9]00/.test(look(node, "font-weight") ?? (/^(?:B|STRONG)$/.test(node.tagName) ? "bold" : ""));
const slant = (node) => /italic/.test(look(node, "font-style") ?? (/^(?:I|EM)$/.test(node.tagName) ? "italic" : ""));
const isStruck = (node) => /^(?:DEL|S|STRIKE)$/.test(node.tagName) || /line-through/.test(look(node, "text-decoration(?:-line)?"));

function blocksOf(parent, depth) {
  const found = [];
  let line = [];
  const end = () => {
    const text = tidy(line.map((node) => inline(node, depth)).join(""));
    if (text) found.push(atStart(text));
    line = [];
  };
  if (depth > MAX_DEPTH) return [parent.textContent];
  for (const node of parent.childNodes) {
    if (!isBlock(node)) line.push(node);
    else {
      end();
      found.push(...blockOf(node, depth + 1));
    }
  }
  end();
  return found.filter(Boolean);
}

function blockOf(node, depth) {
  const { tagName } = node;
  const inside = () => blocksOf(node, depth);
  if (/^H[1-6]$/.test(tagName)) {
    const text = tidy([...node.childNodes].map((child) => inline(child, depth)).join("")).replaceAll("\n", " ");
    // The page's own title is the first heading.
    return text ? [`${"#".repeat(Math.max(2, Number(tagName[1])))} ${text.replace(/^\*\*(.*)\*\*$/, "$1")}`] : [];
  }
  if (tagName === "HR") return ["---"];
  if (tagName === "PRE") return [fenced(node)];
  if (tagName === "BLOCKQUOTE") return [prefixed(inside().join("\n\n"), "> ")];
  if (tagName === "UL" || tagName === "OL") return [list(node, depth)];
  if (tagName === "TABLE") return [table(node, depth)];
  return inside();
}

const prefixed = (text, first, rest = first) => text.split("\n").map((line, n) => (n ? rest : first) + line).map((line) => line.trimEnd()).join("\n");

function fenced(node) {
  const language = /(?:language|lang|highlight-source)-([\w+#-]+)/.exec(`${node.className} ${node.querySelector("code")?.className ?? ""}`)?.[1] ?? "";
  const text = (node.innerText ?? node.textContent).replace(/\n$/, "");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([marks]) => marks.length));
  const mark = "`".repeat(longest + 1);
  return `${mark}${language}\n${text}\n${mark}`;
}

function list(node, depth) {
  let number = Number(node.getAttribute("start") ?? 1);
  let isLoose = false;
  const items = [];
  for (const child of node.children) {
    // Some nest a list beside the item it belongs to.
    if (child.tagName === "UL" || child.tagName === "OL") {
      const nested = list(child, depth + 1);
      items.push(items.length ? prefixed(nested, "  ") : nested);
      continue;
    }
    const mark = node.tagName === "OL" ? `${number++}. ` : "- ";
    const box = child.querySelector(":scope > input[type=checkbox], :scope > label > input[type=checkbox], :scope > p > input[type=checkbox]");
    const parts = blocksOf(child, depth + 1);
    isLoose ||= child.querySelectorAll(":scope > p").length > 1;
    const isListNext = (n) => /^(?:- |\d+\. )/.test(parts[n]);
    const text = parts.reduce((whole, part, n) => (n ? whole + (isListNext(n) ? "\n" : "\n\n") + part : part), "");
    const ticked = box ? (box.checked ? "[x] " : "[ ] ") : "";
    items.push(prefixed(ticked + text, mark, " ".repeat(mark.length)));
  }
  return items.join(isLoose ? "\n\n" : "\n");
}

function table(node, depth) {
  const rows = [...node.rows].map((row) => [...row.cells].flatMap((cell) => {
    const text = tidy(inline(cell, depth)).replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
    return [text, ...Array(Math.min(20, cell.colSpan) - 1).fill("")];
  }));
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (width < 2 && rows.length < 2) return rows.flat().join("");
  const line = (cells) => `| ${Array.from({ length: width }, (_, n) => cells[n] ?? "").join(" | ")} |`;
  return [line(rows[0]), `|${"---|".repeat(width)}`, ...rows.slice(1).map(line)].join("\n");
}

function inline(node, depth) {
  if (node.nodeType === 3) return escaped(node.data.replace(/[ \t\r\n\f]+/g, " "));
  if (node.nodeType !== 1 || SILENT.has(node.tagName) || depth > MAX_DEPTH) return "";
  const { tagName } = node;
  if (tagName === "BR") return "\n";
  if (tagName === "IMG") return image(node);
  if (tagName === "CODE" || tagName === "KBD" || tagName === "SAMP" || tagName === "TT") return code(node.textContent);
  const text = [...node.childNodes].map((child) => inline(child, depth + 1)).join("");
  if (tagName === "A") return anchor(node, text);
  let marks = "";
  if (weight(node) && !node.closest("h1,h2,h3,h4,h5,h6,th")) marks += "**";
  if (slant(node)) marks += "*";
  if (isStruck(node)) marks += "~~";
  return marks ? around(text, marks) : BLOCKS.has(tagName) ? `${text} ` : text;
}

/** Marks stand at the words, not at the spaces beside them. */
function around(text, marks) {
  const [, before, inside, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
  const close = marks === "***" || marks.length < 3 ? marks : [...marks.match(/\*+|~+/g)].reverse().join("");
  return inside ? before + marks + inside + close + after : text;
}

function anchor(node, text) {
  const address = node.getAttribute("href") ?? "";
  const inside = text.trim();
  if (!/^(?:https?:|mailto:|\/|#)/i.test(address) || !inside) return text;
  if (node.textContent.trim() === address) return /^(?:https?|mailto):/i.test(address) ? `<${address}>` : text;
  return text.replace(inside, () => `[${inside}](${target(address)})`);
}

function image(node) {
  const address = node.getAttribute("src") ?? "";
  return /^(?:https?:\/\/|\/)/i.test(address) ? `![${escaped(node.alt).replaceAll("\n", " ")}](${target(address)})` : "";
}

const target = (address) => (/[\s()<>]/.test(address) ? `<${address.replaceAll(/\s/g, "%20").replaceAll(/[<>]/g, encodeURIComponent)}>` : address);

function code(text) {
  const inside = text.replaceAll(/\s+/g, " ").trim();
  if (!inside) return "";
  const marks = "`".repeat(Math.max(0, ...[...inside.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const space = /^`|`$/.test(inside) ? " " : "";
  return marks + space + inside + space + marks;
}

/** Letters that would mean something in Markdown. An underscore inside a word means nothing. */
const MARKS = /[\\`[]|~~|\*(?=\S)|(?<=\S)\*|<(?=[a-z/!?])|\$(?=[^$]*\$)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/giu;
const escaped = (text) => text.replaceAll("\u00a0", " ").replaceAll(MARKS, "\\$&");

/** And at the beginning of a line. */
const atStart = (text) => text.replaceAll(/^(\s*)(#{1,6}(?= )|>|[-+](?= )|\d{1,9}(?=[.)] )|=+$|-{3,}$)/gm, (_, space, mark) => (/\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`));

const tidy = (text) => text.split("\n").map((line) => line.replaceAll(/ {2,}/g, " ").trim()).join("\n").replaceAll(/\n{2,}/g, "\n").trim().replaceAll("\n", "\\\n");
