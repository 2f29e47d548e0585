// Saving: some seconds after the last key, at once when one looks away, never twice at a time. What cannot
// be sent is kept in this browser and sent later.

import { drop, keep, keyOf } from "./kept.js";
import { later } from "./page.js";

const PAUSE_MS = 3000;
const KEEP_PAUSE_MS = 400;
const SHOW_PAUSE_MS = 500;
const RETRY_SECONDS = [2, 4, 8, 15, 30, 60];
const PATIENCE_MS = 30000;
/** More than this a browser does not send for a page that goes away. */
const MAX_FAREWELL_BYTES = 60000;
/** What the server tells us rather than we it, and what is nobody's business. */
const NOT_CONTENT = new Set(["id", "version", "pending", "on_top", "intent", "email", "password"]);

export const contentOf = (fields) => new URLSearchParams(fields.filter(([name]) => !NOT_CONTENT.has(name))).toString();

/** Tells by events: `state`, `saved`, `refused`, `conflict`. */
export class Saving extends EventTarget {
  #saved;
  #flight = null;
  #failures = 0;
  #retry;
  #isStopped = false;
  #keepSoon;

  constructor(form) {
    super();
    this.form = form;
    this.key = keyOf(this.action);
    this.#saved = this.content();
    this.soon = later(PAUSE_MS, () => this.keepUp());
    this.#keepSoon = later(KEEP_PAUSE_MS, () => this.keepHere());
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    addEventListener("blur", () => this.keepUp());
    addEventListener("online", () => this.#again());
    addEventListener("focus", () => this.#failures && this.#again());
    addEventListener("pagehide", () => this.#leave());
    // A page that comes back as it was left does not know what its farewell has changed.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    document.addEventListener("visibilitychange", () => document.hidden && this.keepUp());
  }

  get action() {
    return this.form.getAttribute("action");
  }

  /** All fields, as they would be sent. */
  fields() {
    return [...new FormData(this.form)].filter(([name]) => name !== "intent" && name !== "password");
  }

  content() {
    return contentOf(this.fields());
  }

  get isDirty() {
    return this.content() !== this.#saved;
  }

  /** What the page shows now is what the server has. */
  settle() {
    this.#saved = this.content();
  }

  changed() {
    if (!this.isDirty) return;
    this.#keepSoon();
    if (this.#isStopped) return;
    if (!this.#failures) this.#say("");
    this.soon();
  }

  keepHere() {
    return this.isDirty ? keep(this.key, this.fields()) : true;
  }

  /** Saves if there is something to save. */
  async keepUp() {
    if (this.isDirty && !this.#isStopped && !this.#flight) await this.send("keep");
  }

  /** After a conflict nothing is sent until the writer has chosen. */
  stop() {
    this.#isStopped = true;
  }

  go() {
    this.#isStopped = false;
    this.#failures = 0;
    return this.send("keep");
  }

  /** Sends the form with a word for what is to be done; gives the answer, or nothing. */
  async send(intent) {
    while (this.#flight) await this.#flight;
    this.soon.cancel();
    clearTimeout(this.#retry);
    this.#flight = this.#fly(intent);
    try {
      return await this.#flight;
    } finally {
      this.#flight = null;
      if (this.isDirty && !this.#failures && !this.#isStopped) this.soon();
    }
  }

  #body(intent) {
    const body = new URLSearchParams(new FormData(this.form));
    body.set("intent", intent);
    return body;
  }

  async #fly(intent) {
    const sent = this.content();
    const body = this.#body(intent);
    this.keepHere();
    const slow = setTimeout(() => this.#say("Saving…"), SHOW_PAUSE_MS);
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(this.action, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
      const told = await answer.json().catch(() => ({}));
      clearTimeout(slow);
      if (answer.ok && told.id) return this.#take(told, sent, intent);
      this.#refuse(answer, told, intent);
    } catch {
      clearTimeout(slow);
      this.#fail(navigator.onLine ? "The server does not answer." : "You are offline.");
    }
  }

  #take(told, sent, intent) {
    const { elements } = this.form;
    this.#failures = 0;
    elements.id.value = told.id;
    elements.version.value = told.version;
    elements.pending.value = told.pending;
    elements.on_top.value = "";
    const isNew = this.action !== told.action;
    this.form.setAttribute("action", told.action);
    this.#saved = sent;
    if (this.isDirty) this.keepHere();
    else drop(this.key);
    if (isNew) {
      drop(this.key);
      this.key = keyOf(told.action);
      history.replaceState(null, "", told.action);
      this.keepHere();
    }
    this.#say(told.done || "Saved");
    this.#tell("saved", { ...told, intent, isNew });
    return told;
  }

  /** A field the server filled in for us is no change of the writer's. */
  takeOver(name, value) {
    const wasClean = !this.isDirty;
    this.form.elements[name].value = value;
    if (wasClean) this.settle();
  }

  #refuse({ status, headers }, told, intent) {
    if (status === 409) {
      this.stop();
      this.#say("Changed by somebody else");
      this.#tell("conflict", told);
    } else if (status === 401) {
      this.#fail("You are signed out.", 30);
      this.#tell("refused", { ...told, status, intent });
    } else if (status >= 500 || status === 429 || status === 408) {
      this.#fail("The server cannot save now.", Number(headers.get("retry-after")) || 0);
      if (intent !== "keep") this.#tell("refused", { ...told, status, intent });
    } else {
      this.keepHere();
      this.#say("Not saved");
      this.#tell("refused", { ...told, status, intent });
    }
  }

  #fail(why, seconds = 0) {
    const isKept = this.keepHere();
    this.#say(isKept ? `${why} Kept on this device.` : `${why} This browser cannot keep it: copy your text.`, true);
    const wait = Math.max(seconds, RETRY_SECONDS[Math.min(this.#failures++, RETRY_SECONDS.length - 1)]);
    this.#retry = setTimeout(() => this.#again(), wait * 1000);
  }

  #again() {
    if (this.#failures && !this.#isStopped) this.keepUp();
  }

  /** The page may never come back: what is small enough goes with it, and all of it stays here. */
  #leave() {
    if (!this.isDirty) return;
    this.keepHere();
    const body = this.#body("keep");
    const isAway = this.#isStopped || this.#flight || this.action.endsWith("/new");
    this.#isStopped = true;
    if (isAway || body.toString().length > MAX_FAREWELL_BYTES) return;
    fetch(this.action, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } }).catch(() => {});
  }

  #say(text, isGrave = false) {
    this.#tell("state", { text, isGrave });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
