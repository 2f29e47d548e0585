// Words and reading time, as the server counts them: code and formulas do not count, and where words have
// no spaces between them, letters do.

const WORDS_A_MINUTE = 230;
const LETTERS_A_MINUTE = 500;
const CODE = /^(```|~~~)[^]*?(?:^\1|$(?![^]))|\$\$[^]*?\$\$/gm;
const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

export function count(markdown) {
  const text = markdown.replaceAll(CODE, " ").replaceAll(/\]\([^)]*\)|<[^>]*>/g, " ");
  const letters = text.match(IDEOGRAPHS)?.length ?? 0;
  const words = text.replaceAll(IDEOGRAPHS, " ").split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return { words: words + letters, minutes: Math.ceil(words / WORDS_A_MINUTE + letters / LETTERS_A_MINUTE) };
}

export function shownCount(markdown) {
  const { words, minutes } = count(markdown);
  return words ? `${words.toLocaleString("en")} ${words === 1 ? "word" : "words"} · ${minutes} min` : "";
}
