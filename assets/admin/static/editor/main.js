// The editor. Its page is a form that writes and publishes by itself; all of this only makes it better.

import { commands as allCommands, isPressed } from "./commands.js";
import { showConflict } from "./conflict.js";
import { shownCount } from "./count.js";
import { drop, find, setAside } from "./kept.js";
import { button, goTo, later, make, notice } from "./page.js";
import { helpPasting } from "./paste.js";
import { Pictures } from "./pictures.js";
import { Preview } from "./preview.js";
import { openRelease, slugOf } from "./release.js";
import { contentOf, Saving } from "./saving.js";
import { Settings } from "./settings.js";
import { grow, Text } from "./text.js";
import { iconButton, makeToolbar, showKeys } from "./toolbar.js";
import { helpTyping } from "./typing.js";

const COUNT_PAUSE_MS = 300;
/** What one most likely wants to do with a post, and of that, what opens the dialog. */
const MAIN = ["publish", "schedule", "update", "restore"];
const ASKING = ["publish", "schedule"];
/** Left empty, these stay as they are. */
const OPEN = ["authors", "slug"];
const form = document.getElementById("editor");
const root = document.documentElement;
const { elements } = form;
const part = (css) => form.querySelector(css);
const isNew = form.getAttribute("action").endsWith("/new");

// Who has to sign in first gets the plain form.
if (!elements.password) begin();

function begin() {
  root.classList.add("scripted");
  const text = new Text(elements.markdown);
  grow(elements.title);
  const pictures = new Pictures(text);
  const saving = new Saving(form);
  const preview = new Preview(form, text, (isOpen) => tools.preview.setAttribute("aria-pressed", isOpen));
  const settings = new Settings(form, (isOpen) => tools.settings.setAttribute("aria-expanded", isOpen));
  const release = () => openRelease({ form, saving, uploads: pictures.pending });
  const commands = allCommands((...given) => pictures.choose(...given));
  const rooms = [
    { id: "preview", name: "Preview", keys: "Mod+Alt+P", "aria-pressed": "false", run: () => preview.toggle() },
    { id: "settings", name: "Settings", keys: "Mod+Alt+S", "aria-expanded": "false", "aria-controls": "settings", run: () => settings.toggle() },
    { id: "full", name: "Full screen", keys: "Mod+Alt+0", run: fillScreen },
    { id: "help", name: "Keys", keys: "Mod+/", run: () => showKeys([...commands, ...rooms, ...silent]) },
  ];
  const silent = [
    { name: "Save", keys: "Mod+S", run: () => saving.send("keep") },
    { name: "Publish, or update", keys: "Mod+Enter", run: () => part(".acts .main")?.click() },
  ];
  const tools = Object.fromEntries(rooms.map((room) => [room.id, iconButton(room)]));

  part(".tools").append(...Object.values(tools));
  part(".tools").hidden = false;
  part(".bar").append(makeToolbar(text, commands));
  placeButtons([...form.querySelectorAll(".buttons [name=intent]")].map(({ value, textContent }) => ({ word: value, label: textContent })), { saving, release });
  // What the bar and the sheet have now.
  part(":scope > .buttons").hidden = true;

  helpTyping(text, commands);
  helpPasting(text, pictures);
  helpTitle(text);
  countWords(text);
  addEventListener("keydown", (event) => {
    const wanted = [...rooms, ...silent].find(({ keys }) => isPressed(keys, event));
    if (!wanted || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    wanted.run();
  });
  form.addEventListener("submit", (event) => {
    if (preview.isSubmitting) return;
    event.preventDefault();
    saving.send(event.submitter?.value || "keep");
  });
  listen(saving, { text, release });
  freeAddress(saving);
  offerKept(saving);
  tellOtherTabs(saving);
  fadeWhileTyping();
  followKeyboard();
  if (isNew && !elements.title.value && !form.querySelector(".trouble")) elements.title.focus();
}

function placeButtons(buttons, { saving, release }) {
  const acts = part(".acts");
  const rest = part(".settings .acts-less") ?? part(".settings").appendChild(make("p", { class: "buttons acts-less" }));
  const main = buttons.find(({ word }) => MAIN.includes(word)) ?? buttons[0];
  const made = ({ word, label }) => button(label, () => (ASKING.includes(word) ? release() : saving.send(word)), word === main.word ? "main" : "quiet");
  acts.replaceChildren(made(main));
  // Saving happens by itself.
  rest.replaceChildren(...buttons.filter(({ word }) => word !== main.word && word !== "keep").map(made));
}

function listen(saving, { text, release }) {
  const state = part(".state");
  let told = null;
  const clear = () => {
    told?.remove();
    told = null;
  };
  saving.addEventListener("state", ({ detail }) => {
    state.textContent = detail.text;
    state.classList.toggle("grave", Boolean(detail.isGrave));
  });
  saving.addEventListener("saved", ({ detail }) => {
    clear();
    clearErrors();
    if (detail.buttons) placeButtons(detail.buttons, { saving, release });
    showAddress(saving, detail);
    if (detail.standing) part(".standing").textContent = detail.standing;
    part(".facts time")?.remove();
    const view = part(".view");
    view.hidden = !detail.address;
    if (detail.address) view.href = detail.address;
    if (detail.isNew) settleIn(detail.action);
  });
  saving.addEventListener("refused", ({ detail }) => {
    const { status, title = "Not saved", detail: why, errors = [] } = detail;
    clear();
    clearErrors();
    errors.forEach(showError);
    const isElsewhere = document.querySelector("dialog[open]");
    if (status === 401) {
      told = notice("You are signed out. What you write stays on this device until you are back.", make("a", { class: "button", href: "/sign-in?to=/admin", target: "_blank" }, "Sign in in a new tab"));
    } else if (status === 404) {
      told = notice("This post was deleted meanwhile, or is no longer yours to see. What you wrote is all here.", button("Save it as a new one", () => saveAsNew(saving)));
    } else if (!isElsewhere) {
      told = notice(errors.length ? `${title}: ${errors.map(({ message }) => message).join(" ")}` : `${title}. ${why ?? ""}`);
      const first = errors.map(({ field }) => elements[field]).find((field) => field?.focus);
      if (first && detail.intent !== "keep") goTo(first);
    }
  });
  saving.addEventListener("conflict", ({ detail }) => {
    clear();
    const { theirs } = detail;
    const isOpen = ({ field }) => OPEN.includes(field) && !elements[field]?.value;
    if (theirs) theirs.parts = theirs.parts.filter((one) => !isOpen(one));
    // Only the numbers differ: what is there is what we were about to save.
    if (theirs && !theirs.parts.length) return see(theirs, "yes"), saving.go();
    const open = () =>
      showConflict(detail, {
        mine: () => text.value,
        keepMine: (theirs) => (clear(), see(theirs, "yes"), saving.go()),
        takeTheirs: (theirs) => (clear(), take(theirs, text), saving.settle(), saving.go()),
      });
    told = notice("This was changed elsewhere while you were writing. Yours is kept on this device.", button("Compare", open));
    open();
  });
}

/** A new post is there now: its kind stays, and it has a history. */
function settleIn(action) {
  if (part(".kinds")) part(".kinds").hidden = true;
  for (const [link, page] of [[".to-history", "revisions"], [".to-sharing", "preview"]]) {
    part(link).href = `${action}/${page}`;
    part(link).hidden = false;
  }
}

/** A draft's address follows its title until the writer gives it one. */
function showAddress(saving, { slug, status }) {
  const field = elements.slug;
  if (status === "draft" && !field.value) field.placeholder = slug;
  else if (field.value !== slug && document.activeElement !== field) saving.takeOver("slug", slug);
}

function freeAddress(saving) {
  const field = elements.slug;
  const isGiven = field.value !== slugOf(elements.title.value) && !/^(?:post|page)(?:-\d+)?$/.test(field.value);
  if (form.dataset.status !== "draft" || isGiven) return;
  field.placeholder = field.value;
  saving.takeOver("slug", "");
}

function see({ version, pending }, onTop) {
  elements.version.value = version;
  elements.pending.value = pending;
  elements.on_top.value = onTop;
}

/** By the browser's own editing where it is the text: it can be undone. */
function take(theirs, text) {
  for (const { field, text: value } of theirs.parts ?? []) {
    if (field === "markdown") text.replace(0, text.value.length, value, 0);
    else set(field, value);
  }
  see(theirs, "");
}

function set(name, value) {
  const field = elements[name];
  if (!field) return;
  if (field.type === "checkbox") field.checked = Boolean(value);
  else field.value = value;
  field.dispatchEvent?.(new InputEvent("input", { bubbles: true }));
}

function saveAsNew(saving) {
  form.setAttribute("action", "/admin/new");
  see({ version: "", pending: "" }, "");
  saving.go();
}

function showError({ field: name, message }) {
  const field = elements[name];
  if (!field?.after) return;
  const id = `${name}-error`;
  document.getElementById(id)?.remove();
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.after(make("span", { class: "error", id }, message));
}

function clearErrors() {
  for (const error of form.querySelectorAll("[id$='-error']")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

/** What an earlier visit could not send. */
function offerKept(saving) {
  const kept = find(saving.action);
  if (!kept) return;
  kept.fields = kept.fields.map(([name, value]) => [name, OPEN.includes(name) && !value ? (elements[name]?.value ?? "") : value]);
  if (contentOf(kept.fields) === saving.content()) return drop(kept.key);
  setAside(kept);
  const when = new Date(kept.at).toLocaleString("en", { dateStyle: "long", timeStyle: "short" });
  const line = notice(
    `On this device is a text from ${when} that was not saved.`,
    button("Take it up", () => {
      const given = new Map(kept.fields);
      for (const field of form.querySelectorAll("[type=checkbox][name]")) field.checked = given.has(field.name);
      for (const [name, value] of kept.fields) set(name, value);
      line.remove();
      if (kept.key !== saving.key) drop(kept.key);
      saving.keepUp();
    }),
    button("Discard it", () => (drop(kept.key), line.remove()), "quiet"),
  );
}

/** Early word between two tabs of one browser; the server's is the truth. */
function tellOtherTabs(saving) {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel("inkstand:editor");
  const tell = (what) => saving.action.endsWith("/new") || channel.postMessage({ what, action: saving.action, version: elements.version.value, pending: elements.pending.value });
  let line = null;
  const say = (words, ...acts) => {
    line?.remove();
    line = notice(words, ...acts);
  };
  channel.addEventListener("message", ({ data }) => {
    if (data.action !== saving.action) return;
    if (data.what === "opened") {
      tell("here");
      say("This is open in another tab too. Write in one of them.");
    } else if (data.what === "here") say("This is open in another tab too. Write in one of them.");
    else if (data.what === "saved" && (data.version !== elements.version.value || data.pending !== elements.pending.value)) {
      say("It was saved in another tab.", ...(saving.isDirty ? [] : [button("Show that version", () => location.reload())]));
    }
  });
  saving.addEventListener("saved", () => tell("saved"));
  tell("opened");
}

/** A title is one line; Enter goes on to the text. */
function helpTitle(text) {
  const { title } = elements;
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    text.field.focus();
    text.field.setSelectionRange(0, 0);
  });
  title.addEventListener("input", () => {
    if (/[\r\n]/.test(title.value)) title.value = title.value.replaceAll(/\s*[\r\n]+\s*/g, " ");
    document.title = document.title.replace(/^.*(?= · )/, () => title.value || "Without a title");
  });
}

function countWords(text) {
  const line = part(".count");
  const show = () => (line.textContent = shownCount(text.value));
  text.field.addEventListener("input", later(COUNT_PAUSE_MS, show));
  show();
}

function fillScreen() {
  const isFull = root.classList.toggle("is-full");
  if (isFull) root.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
}
document.addEventListener("fullscreenchange", () => document.fullscreenElement || root.classList.remove("is-full"));

function fadeWhileTyping() {
  const { markdown, title } = elements;
  for (const field of [markdown, title]) field.addEventListener("input", () => root.classList.add("is-typing"));
  for (const kind of ["mousemove", "touchstart", "focusin"]) addEventListener(kind, () => root.classList.remove("is-typing"), { passive: true });
}

/** On a phone the toolbar stands on the keyboard. */
function followKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const follow = () => root.style.setProperty("--keyboard", `${Math.max(0, innerHeight - view.height - view.offsetTop)}px`);
  view.addEventListener("resize", follow);
  view.addEventListener("scroll", follow);
  follow();
}
