// Before readers: when, for whom, at which address; and what happened, in one dialog.

import { button, copyButton, make, openDialog } from "./page.js";

const READERS = {
  published: "Everybody can read it. It appears in lists, feeds and the search.",
  unlisted: "Whoever has its address can read it. It appears in no list.",
  private: "Only people who write here can read it.",
};
const DONE = { published: "It is published", unlisted: "It is there, in no list", private: "It is there, for us alone" };

/** A moment as a field for date and time has it, on the clocks of a zone. */
function clock(moment, zone) {
  const look = { dateStyle: "short", timeStyle: "short" };
  const shown = (timeZone) => new Intl.DateTimeFormat("sv", { ...look, timeZone }).format(moment).replace(" ", "T");
  try {
    return shown(zone);
  } catch {
    // A zone this browser does not know.
    return shown("UTC");
  }
}

const shownTime = (text) => new Date(`${text}Z`).toLocaleString("en", { timeZone: "UTC", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hour12: false });

export const slugOf = (title) => title.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");

export function openRelease({ form, saving, uploads }) {
  const { elements, dataset } = form;
  const fields = form.querySelector(".release-fields");
  const home = fields.parentElement;
  const place = fields.nextElementSibling;
  const schedule = elements.schedule;
  const line = schedule.closest(".field");
  const readers = fields.querySelector("fieldset");
  const choice = (value, label, isChosen) => {
    const radio = make("input", { type: "radio", name: "when", form: "nowhere", value, checked: isChosen, change: () => show() });
    return make("label", {}, radio, label);
  };
  const isLater = Boolean(schedule.value);
  const when = make("fieldset", { class: "choices two" }, make("legend", {}, "When"), choice("now", "Now", !isLater), choice("later", "Later", isLater));
  const outlook = make("p", { class: "outlook" });
  const told = make("div", { role: "alert" });
  const go = button("", () => release(), "main");
  const isForLater = () => when.querySelector("[value=later]").checked;
  const visibility = () => elements.visibility.value || "published";

  function show() {
    const later = isForLater();
    line.hidden = !later;
    // What is scheduled is for everybody.
    readers.hidden = later;
    if (later) elements.visibility.value = "published";
    if (later && !schedule.value) {
      const morning = new Date(Date.now() + 24 * 3600 * 1000);
      schedule.value = `${clock(morning, dataset.zone).slice(0, 10)}T09:00`;
    }
    schedule.min = clock(new Date(), dataset.zone);
    const slug = elements.slug.value || elements.slug.placeholder || slugOf(elements.title.value) || "…";
    outlook.replaceChildren(make("b", { class: "where" }, `${dataset.host}/${slug}`), make("br"), READERS[visibility()], later ? ` From ${shownTime(schedule.value)} on, ${dataset.zone} time.` : "");
    go.textContent = later ? "Schedule" : "Publish";
  }

  async function release() {
    const isScheduled = isForLater();
    if (isScheduled && !schedule.value) return schedule.focus();
    go.disabled = true;
    told.replaceChildren();
    if (uploads.size) {
      go.textContent = "Waiting for uploads…";
      await Promise.allSettled(uploads);
    }
    const before = schedule.value;
    if (!isScheduled) schedule.value = "";
    const answer = await saving.send(isScheduled ? "schedule" : "publish");
    go.disabled = false;
    if (answer) return celebrate(answer, isScheduled);
    schedule.value = before;
    show();
  }

  function refuse({ detail: { title, detail, errors } }) {
    const lines = errors?.length ? errors.map(({ message }) => message) : [detail ?? title ?? "It was not published."];
    told.replaceChildren(...lines.map((text) => make("p", { class: "error" }, text)));
  }

  function celebrate(answer, isScheduled) {
    const address = new URL(answer.address ?? `/${answer.slug}`, location.origin).href;
    dialog.querySelector("h2").textContent = isScheduled ? "It is scheduled" : DONE[visibility()];
    const link = make("a", { href: address, target: "_blank", rel: "noopener", class: "where" }, address.replace(/^https?:\/\//, ""));
    const view = make("a", { href: address, target: "_blank", rel: "noopener", class: "button main" }, "View");
    const acts = isScheduled ? [copyButton("Copy link", () => address), button("Done", () => dialog.close(), "main")] : [copyButton("Copy link", () => address), view];
    const when = isScheduled ? make("p", {}, `It appears on ${shownTime(schedule.value)}, ${dataset.zone} time, here:`) : null;
    bring();
    dialog.querySelector(".release-room").replaceChildren(...[when, make("p", { class: "outlook" }, link), make("p", { class: "buttons" }, ...acts)].filter(Boolean));
    acts.at(-1).focus();
  }

  /** The fields go back to the settings. */
  function bring() {
    line.hidden = readers.hidden = false;
    home.insertBefore(fields, place);
  }

  const room = make("div", { class: "release-room" }, when, fields, outlook, told, make("p", { class: "buttons" }, go));
  const dialog = openDialog(`Publish this ${dataset.kind}`, [room], {
    home: form,
    look: "release",
    closed: () => {
      bring();
      saving.removeEventListener("refused", refuse);
    },
  });
  dialog.addEventListener("change", show);
  saving.addEventListener("refused", refuse);
  show();
  go.focus();
}
