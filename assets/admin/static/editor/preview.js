// The published page beside the text. The first time the form itself is sent into the frame; after that only
// what has changed is put in the place of what was there, so that nothing flickers and the frame stays where it is.

import { Along } from "./along.js";
import { later, make } from "./page.js";

const ADDRESS = "/admin/preview";
const PAUSE_MS = 350;

export class Preview {
  #asked = 0;
  #isStale = true;

  constructor(form, text, changed) {
    this.form = form;
    this.text = text;
    this.changed = changed;
    this.policy = "";
    this.room = form.querySelector(".desk");
    this.soon = later(PAUSE_MS, () => this.refresh());
    form.addEventListener("input", () => {
      this.#isStale = true;
      if (this.isOpen) this.soon();
    });
  }

  get isOpen() {
    return this.room.classList.contains("has-preview");
  }

  toggle() {
    this.room.classList.toggle("has-preview");
    this.changed(this.isOpen);
    if (!this.isOpen) return;
    if (!this.frame) this.#begin();
    else if (this.#isStale) this.refresh();
    this.along.follow();
  }

  #begin() {
    this.frame = make("iframe", { name: "preview", class: "preview", sandbox: "allow-same-origin", title: "Preview: the page as readers will see it" });
    this.told = make("p", { class: "preview-told", role: "status" });
    this.room.append(make("div", { class: "preview-side" }, this.frame, this.told));
    this.along = new Along(this.text.field, this.frame);
    this.frame.addEventListener("load", () => this.#settle());
    this.#isStale = false;
    this.#submit();
  }

  #submit() {
    const send = make("button", { formaction: ADDRESS, formtarget: "preview", formnovalidate: true, hidden: true });
    this.form.append(send);
    // Past our own listener, which saves.
    this.isSubmitting = true;
    this.form.requestSubmit(send);
    this.isSubmitting = false;
    send.remove();
  }

  /** A new page in the frame: its links lead out of it. */
  #settle() {
    const page = this.frame.contentDocument;
    if (!page || page.URL === "about:blank") return;
    page.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      open(link.href, "_blank", "noopener");
    });
    page.addEventListener("submit", (event) => event.preventDefault());
    this.along.settle();
  }

  async refresh() {
    if (!this.frame) return;
    const mine = ++this.#asked;
    this.#isStale = false;
    try {
      const body = new URLSearchParams(new FormData(this.form));
      const answer = await fetch(ADDRESS, { method: "POST", body, headers: { Accept: "text/html" } });
      const html = await answer.text();
      if (mine !== this.#asked) return;
      if (!answer.ok) throw new Error(answer.status === 401 ? "Sign in to see the preview." : "There is no preview of this.");
      this.told.textContent = "";
      this.#show(html, answer.headers.get("content-security-policy") ?? "");
    } catch (error) {
      if (mine === this.#asked) this.told.textContent = error instanceof TypeError ? "The preview waits for the server." : error.message;
    }
  }

  #show(html, policy) {
    const page = this.frame.contentDocument;
    // What the page may do besides is in its policy, and only a page that is loaded gets a new one.
    const isOther = policy !== this.policy && /sha(?:256|384|512)-/.test(`${policy}${this.policy}`);
    this.policy = policy;
    if (isOther || !page?.body) return this.#submit();
    // Parsed by the frame, so by its rules.
    const fresh = new this.frame.contentWindow.DOMParser().parseFromString(html, "text/html");
    const sheets = (one) => [...one.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")).join();
    if (sheets(page) !== sheets(fresh)) return this.#submit();
    patch(page.documentElement, fresh.documentElement, page.body, fresh.body);
    this.along.settle();
  }
}

function patch(oldRoot, freshRoot, oldBody, freshBody) {
  for (const name of ["lang", "dir"]) oldRoot.setAttribute(name, freshRoot.getAttribute(name) ?? "");
  renew(oldBody, freshBody);
}

/** Makes `old` like `fresh` with as little change as can be. */
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== 1 || old.nodeName !== fresh.nodeName || !fresh.firstElementChild) return old.replaceWith(old.ownerDocument.adoptNode(fresh));
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  while (before.length && after.length && before[0].isEqualNode(after[0])) before.shift(), after.shift();
  let end = null;
  while (before.length && after.length && before.at(-1).isEqualNode(after.at(-1))) (end = before.pop()), after.pop();
  while (before.length && after.length) renew(before.shift(), after.shift());
  for (const node of before) node.remove();
  for (const node of after) old.insertBefore(old.ownerDocument.adoptNode(node), end);
}
