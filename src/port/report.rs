//! What an import did, or would do: numbers, and what was not understood. For people as text, for scripts
//! as JSON; the same words whether it was a trial or not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::notes::Note;

/// Notes that are kept; of more only the number is told.
const MAX_NOTES: usize = 20_000;
/// Files named for one kind of note.
const FILES_NAMED: usize = 3;

/// How many of one sort of thing became what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub made: usize,
    pub updated: usize,
    pub unchanged: usize,
    /// Changed or deleted here since, or something else is in its place.
    pub left_alone: usize,
    pub refused: usize,
}

impl Counts {
    pub(super) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was read: “Hugo”.
    pub source: String,
    /// Nothing was written.
    pub dry_run: bool,
    pub posts: Counts,
    pub pages: Counts,
    pub files: Counts,
    pub people: Counts,
    pub tags: Counts,
    /// Old addresses that lead to a post or elsewhere.
    pub redirects: Counts,
    pub settings: Counts,
    pub notes: Vec<Note>,
    pub notes_left_out: usize,
}

impl Report {
    pub(super) fn note(&mut self, note: Note) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        } else {
            self.notes_left_out += 1;
        }
    }

    pub(super) fn notes(&mut self, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            self.note(note);
        }
    }

    /// In the order of files, whichever thread was faster.
    pub(super) fn sort(&mut self) {
        self.notes.sort();
        self.notes.dedup();
    }

    /// Whether anything was or would be written.
    pub fn changes_something(&self) -> bool {
        let all = [
            self.posts,
            self.pages,
            self.files,
            self.people,
            self.tags,
            self.redirects,
            self.settings,
        ];
        all.iter().any(|counts| counts.made + counts.updated > 0)
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "Read as {}.", self.source);
        let rows = [
            ("posts", self.posts),
            ("pages", self.pages),
            ("files", self.files),
            ("people", self.people),
            ("tags", self.tags),
            ("redirects", self.redirects),
            ("settings", self.settings),
        ];
        let is_empty = rows.iter().all(|(_, counts)| counts.is_nothing());
        if is_empty {
            out.push_str("There is nothing in it that is understood.\n");
        } else {
            let _ = writeln!(
                out,
                "\n{:<10} {:>8} {:>8} {:>10} {:>10} {:>8}",
                "", "new", "updated", "unchanged", "left alone", "refused"
            );
        }
        for (name, counts) in rows {
            if counts.is_nothing() {
                continue;
            }
            let Counts {
                made,
                updated,
                unchanged,
                left_alone,
                refused,
            } = counts;
            let _ = writeln!(
                out,
                "{name:<10} {made:>8} {updated:>8} {unchanged:>10} {left_alone:>10} {refused:>8}"
            );
        }
        self.tell_notes(&mut out);
        out
    }

    /// Notes that say the same are told once, with the first files.
    fn tell_notes(&self, out: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        out.push_str("\nNot taken over as it stands:\n");
        let mut groups: BTreeMap<(&str, &str, &str), Vec<&Note>> = BTreeMap::new();
        for note in &self.notes {
            let field = note.field.as_deref().unwrap_or_default();
            groups
                .entry((field, &note.what, &note.advice))
                .or_default()
                .push(note);
        }
        for ((field, what, advice), notes) in groups {
            let about = if field.is_empty() {
                String::new()
            } else {
                format!("{field}: ")
            };
            let times = if notes.len() > 1 {
                format!(" ({} times)", notes.len())
            } else {
                String::new()
            };
            let _ = writeln!(out, "- {about}{what}{times}\n  → {advice}");
            for note in notes.iter().take(FILES_NAMED) {
                let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
                let file = if note.file.is_empty() {
                    "the whole site"
                } else {
                    &note.file
                };
                let _ = writeln!(out, "    {file}{line}");
            }
            if notes.len() > FILES_NAMED {
                let _ = writeln!(out, "    and {} more", notes.len() - FILES_NAMED);
            }
        }
        if self.notes_left_out > 0 {
            let _ = writeln!(out, "and {} more notes", self.notes_left_out);
        }
    }
}
