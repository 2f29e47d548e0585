// What a page can do with a script and does without one: copy a block of code, and search as one types
// (Ctrl/⌘-K, “/”, or a link to /search). No page needs it. It takes its texts from the data attributes of
// its own element (see reader.html), asks nobody but this site, and writes no HTML of others as HTML.

const ENGLISH = {
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Copying did not work",
  title: "Search this site",
  placeholder: "Search",
  hint: "Type to search.",
  keys: "↑ ↓ choose, Enter opens, Esc closes",
  results: "Results: {n}",
  all: "See all results",
  empty: "Nothing found.",
  failed: "The search does not answer. Try again in a moment.",
  close: "Close",
};
const words = { ...ENGLISH, ...document.querySelector("script[data-reader]")?.dataset };

const SEARCH_PAGE = "/search";
const SEARCH_API = "/api/v1/search";
const PAUSE_MS = 120; // between the last letter and the question
const COPIED_MS = 2000; // how long a button says so
const MAX_SHOWN = 8;

/** make("p", { class: "x" }, "text", child) */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Copying

const live = make("p", { class: "reader-live", role: "status" });

async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS browsers keep the clipboard to themselves, but still copy what is selected.
  }
  const field = make("textarea", { class: "reader-live", readonly: "" }, text);
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  if (!done) throw new Error("not copied");
}

function addCopyButton(code) {
  const block = code.parentElement;
  const button = make("button", { type: "button", class: "copy-button" }, words.copy);
  let timer;
  button.addEventListener("click", async () => {
    let said = words.copied;
    try {
      await copy(code.textContent.replace(/\n$/, ""));
    } catch {
      said = words.copyFailed;
    }
    button.textContent = said;
    live.textContent = "";
    // A listener hears it again when it is new again.
    requestAnimationFrame(() => (live.textContent = said));
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = words.copy), COPIED_MS);
  });
  // Around the block, not in it: what is in it scrolls away with it.
  const place = make("div", { class: "copy-place" });
  block.replaceWith(place);
  place.append(block, button);
}

// Searching

/** The server's snippet, of which only the marks are kept as elements. */
function withMarks(html) {
  const parsed = new DOMParser().parseFromString(html ?? "", "text/html").body;
  return [...parsed.childNodes].map((node) =>
    node.nodeName === "MARK" ? make("mark", {}, node.textContent) : node.textContent,
  );
}

const addressOf = (query) => `${SEARCH_PAGE}?q=${encodeURIComponent(query)}`;

function buildPalette() {
  const list = make("ul", { id: "palette-list", role: "listbox", "aria-label": words.title, hidden: "" });
  const input = make("input", {
    type: "search",
    name: "q",
    role: "combobox",
    "aria-label": words.title,
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: "200",
    placeholder: words.placeholder,
  });
  const status = make("p", { class: "palette-status", role: "status" }, words.hint);
  const all = make("a", { class: "palette-all", href: SEARCH_PAGE, hidden: "" }, words.all);
  const close = make("button", { type: "button", class: "palette-close" }, words.close);
  const dialog = make(
    "dialog",
    { class: "palette", "aria-label": words.title },
    make("form", { action: SEARCH_PAGE, role: "search" }, input, close),
    status,
    list,
    make("p", { class: "palette-foot" }, make("span", { "aria-hidden": "true" }, words.keys), all),
  );

  let chosen = -1;
  let timer;
  let asking = new AbortController();
  let returnTo = null;

  const go = (option, event) => {
    const apart = event.ctrlKey || event.metaKey || event.button === 1;
    if (apart) window.open(option.dataset.href, "_blank", "noopener");
    else location.assign(option.dataset.href);
  };

  function choose(index) {
    const options = list.children;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = options.length ? (index + options.length) % options.length : -1;
    const option = options[chosen];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(hits, said) {
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(
      ...hits.map((hit, index) => {
        const option = make(
          "li",
          { id: `palette-${index}`, role: "option", "aria-selected": "false" },
          make("b", { dir: "auto" }, hit.title),
          make("span", { dir: "auto" }, ...withMarks(hit.snippet_html)),
        );
        // The address as it is on this host, whatever the site calls itself.
        option.dataset.href = new URL(hit.url, location).pathname;
        return option;
      }),
    );
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = said;
  }

  async function ask(query) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    all.hidden = !query;
    all.href = addressOf(query);
    if (!query) return show([], words.hint);
    try {
      const question = new URLSearchParams({ q: query, as_you_type: "true" });
      const answer = await fetch(`${SEARCH_API}?${question}`, { signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const { items: hits, total } = await answer.json();
      if (signal.aborted) return;
      show(hits.slice(0, MAX_SHOWN), total ? words.results.replace("{n}", total) : words.empty);
    } catch {
      if (!signal.aborted) show([], words.failed);
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(input.value.trim()), PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    // While letters are being composed, keys belong to the one who composes them.
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(chosen < 0 && step < 0 ? -1 : chosen + step);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      go(list.children[chosen], event);
    } else if (event.key === "Escape") {
      // A search field would only empty itself.
      event.preventDefault();
      dialog.close();
    }
  });
  for (const kind of ["click", "auxclick"]) {
    list.addEventListener(kind, (event) => {
      const option = event.target.closest("[role=option]");
      if (option && event.button < 2) go(option, event);
    });
  }
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    asking.abort();
    returnTo?.focus();
  });
  // Who comes back to this page comes back to the page.
  addEventListener("pagehide", () => dialog.close());
  document.body.append(dialog);

  return () => {
    if (dialog.open) return input.select();
    returnTo = document.activeElement;
    dialog.showModal();
    input.focus();
    input.select();
  };
}

let palette;
function openPalette() {
  palette ??= buildPalette();
  palette();
}

function isField(element) {
  return element?.closest?.("input, textarea, select, [contenteditable]:not([contenteditable=false])");
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  const withModifier = event.ctrlKey || event.metaKey;
  const isShortcut = withModifier && !event.shiftKey && event.key.toLowerCase() === "k";
  // On many keyboards the slash itself is typed with shift.
  const isSlash = !withModifier && event.key === "/" && !isField(event.target);
  if (!isShortcut && !isSlash) return;
  event.preventDefault();
  openPalette();
});

document.addEventListener("click", (event) => {
  const apart = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button;
  const opener = event.target.closest?.(`a[href="${SEARCH_PAGE}"]`);
  if (!opener || apart || opener.closest("dialog")) return;
  event.preventDefault();
  openPalette();
});

const blocks = document.querySelectorAll("pre > code");
if (blocks.length) document.body.append(live);
blocks.forEach(addCopyButton);
