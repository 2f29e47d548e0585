//! What comes beside the texts: people, files, tags, settings, redirects. A child of `carrier`.

use std::collections::BTreeSet;

use crate::app::moving::{self, Met};
use crate::app::{Error, media, people, redirects, settings};
use crate::domain::redirect::Target;
use crate::domain::settings::Settings;
use crate::domain::text::WebAddress;
use crate::domain::user::Role;

use super::super::item::{Entry, Piece};
use super::super::notes::Note;
use super::super::report::Counts;
use super::{Carrier, FILES_AT_ONCE, Writers, side_by_side};

impl Carrier<'_> {
    pub(super) fn people(&mut self) -> Result<(), Error> {
        for person in &self.source.site().people {
            match moving::take_person(self.app, self.actor, person, self.wishes.dry_run) {
                Ok(met) => {
                    count_met(&mut self.report.people, met);
                    if met == Met::Made {
                        let what = format!("{} cannot sign in yet", person.name);
                        let advice = format!(
                            "run `inkstand user reset-password --email {}`",
                            person.email
                        );
                        self.report.note(Note::new("authors.json", what, advice));
                    }
                    if met == Met::Other {
                        let what = format!(
                            "somebody else here is called /author/{} or {}",
                            person.slug, person.email
                        );
                        self.report.note(Note::new(
                            "authors.json",
                            what,
                            "they were left as they are",
                        ));
                    }
                }
                Err(error) => {
                    self.report.people.refused += 1;
                    self.refuse("authors.json", error)?;
                }
            }
        }
        let here = people::list(self.app, self.actor)?;
        let mut writers = Writers::default();
        for person in &self.source.site().people {
            let names = [
                person.slug.as_str(),
                person.email.as_str(),
                &person.name.folded(),
            ];
            for name in names {
                writers
                    .by_name
                    .insert(name.to_lowercase(), person.slug.clone());
            }
        }
        let mut owner = None;
        for user in here {
            for name in [user.slug.as_str(), user.email.as_str(), &user.name.folded()] {
                writers
                    .by_name
                    .insert(name.to_lowercase(), user.slug.clone());
            }
            if user.role == Role::Owner {
                owner = Some(user.slug.clone());
            }
            writers.here.insert(user.slug);
        }
        writers.fallback = match &self.wishes.author {
            Some(slug) if writers.here.contains(slug) => Some(slug.clone()),
            Some(slug) => {
                let why =
                    format!("Nobody here is called “{slug}”; `inkstand user list` names everybody");
                return Err(Error::invalid("author", why));
            }
            None => owner,
        };
        if writers.fallback.is_none() && self.source.site().people.is_empty() {
            let why = "Nobody owns this site yet, so nobody would be the author; make an owner first with \
                       `inkstand user create --role owner`, or name somebody with --author";
            return Err(Error::invalid("author", why));
        }
        self.writers = writers;
        Ok(())
    }

    /// Files that come whether a text shows them or not.
    pub(super) fn uploads(&mut self) -> Result<(), Error> {
        let uploads = &self.source.site().uploads;
        let taken = side_by_side(uploads, FILES_AT_ONCE, |upload| {
            let file = moving::File {
                origin: &upload.name,
                name: &upload.title,
                alt: &upload.alt,
                caption: &upload.caption,
                former: &upload.former,
            };
            let outcome = self.take(&file);
            self.watch.done(1);
            outcome
        });
        for (upload, outcome) in uploads.iter().zip(taken) {
            self.file_came(&upload.name, outcome)?;
        }
        Ok(())
    }

    fn take(&self, file: &moving::File<'_>) -> Result<(String, bool), Refusal> {
        let mut bytes = self.source.file(file.origin).map_err(Refusal::Note)?;
        let is_trial = self.wishes.dry_run;
        let name = self.source.name();
        moving::take_file(self.app, self.actor, name, file, &mut bytes, is_trial)
            .map_err(Refusal::Error)
    }

    fn file_came(
        &mut self,
        name: &str,
        outcome: Result<(String, bool), Refusal>,
    ) -> Result<(), Error> {
        let path = match outcome {
            Ok((path, is_new)) => {
                let count = if is_new {
                    &mut self.report.files.made
                } else {
                    &mut self.report.files.unchanged
                };
                *count += 1;
                Some(path)
            }
            Err(Refusal::Note(note)) => {
                self.report.files.refused += 1;
                self.report.note(note);
                None
            }
            Err(Refusal::Error(error)) => {
                self.report.files.refused += 1;
                self.refuse(name, error)?;
                None
            }
        };
        self.files.insert(name.to_owned(), path);
        Ok(())
    }

    /// Tells of one thing that a rule is against; what is wrong with everything ends it all.
    pub(super) fn refuse(&mut self, file: &str, error: Error) -> Result<(), Error> {
        let note = match error {
            Error::Invalid(wrong) => {
                let wrong = wrong.into_iter();
                let what: Vec<_> = wrong.map(|field| field.message).collect();
                Note::new(file, what.join("; "), "correct it and import again")
            }
            Error::WrongKind(what) | Error::TooLarge(what) | Error::Conflict(what) => Note::new(
                file,
                what,
                "links to it stay as they are; put it elsewhere or save it in another format",
            ),
            Error::RateLimited { .. } => Note::new(
                file,
                "there was no time for it",
                "import again; what is here already is left as it is",
            ),
            other => return Err(other),
        };
        self.report.note(note);
        Ok(())
    }

    pub(super) fn labels(&mut self) -> Result<(), Error> {
        let mut labels = self.source.site().labels.clone();
        for label in &mut labels {
            label.cover_url = label.cover_url.take().map(|address| self.moved(address));
        }
        match moving::take_labels(self.app, self.actor, &labels, self.wishes.dry_run) {
            Ok(all) => {
                for (met, label) in all.into_iter().zip(&labels) {
                    count_met(&mut self.report.tags, met);
                    if met == Met::Other {
                        let what = format!("there is a tag “{}” here that differs", label.name);
                        self.report
                            .note(Note::new("tags.json", what, "it was left as it is"));
                    }
                }
                Ok(())
            }
            Err(error) => {
                self.report.tags.refused += labels.len();
                self.refuse("tags.json", error)
            }
        }
    }

    /// An address of a file there is where that file is here.
    fn moved(&self, address: WebAddress) -> WebAddress {
        let name = address
            .as_str()
            .strip_prefix(media::PREFIX)
            .map(|path| format!("media/{path}"));
        let path = name.and_then(|name| self.files.get(&name).cloned().flatten());
        let new = path.and_then(|path| WebAddress::parse(&format!("{}{path}", media::PREFIX)).ok());
        new.unwrap_or(address)
    }

    pub(super) fn settings(&mut self) -> Result<(), Error> {
        let Some(there) = &self.source.site().settings else {
            return Ok(());
        };
        let mut there = there.clone();
        there.logo = there.logo.take().map(|address| self.moved(address));
        there.cover = there.cover.take().map(|address| self.moved(address));
        let here = settings::read(self.app)?;
        let merged = merge(&here, &there).map_err(Error::internal)?;
        self.report.settings.made += merged.taken;
        self.report.settings.unchanged += merged.same;
        self.report.settings.left_alone += merged.differing.len();
        for name in merged.differing {
            let what = "it says something else here, and stays so";
            let advice = "change it with `inkstand settings set` if you want theirs";
            self.report.note(Note::new("", what, advice).about(&name));
        }
        let outcome = match (merged.taken, self.wishes.dry_run) {
            (0, _) => Ok(()),
            (_, true) => settings::check(&merged.settings),
            (_, false) => settings::change(self.app, self.actor, &merged.settings),
        };
        if let Err(error) = outcome {
            self.report.settings.made -= merged.taken;
            self.report.settings.refused += merged.taken;
            self.refuse("", error)?;
        }
        Ok(())
    }

    /// Takes over the files that these show and that have not come yet.
    pub(super) fn files_of(&mut self, entries: &[(usize, Entry)]) -> Result<(), Error> {
        let mut names = BTreeSet::new();
        for (_, entry) in entries {
            let cover = entry.cover.iter().map(|cover| &cover.at);
            for piece in entry.body.iter().chain(cover) {
                if let Piece::File(name, _) = piece
                    && !self.files.contains_key(name)
                {
                    names.insert(name.clone());
                }
            }
        }
        let names: Vec<String> = names.into_iter().collect();
        let taken = side_by_side(&names, FILES_AT_ONCE, |name| {
            let file = moving::File {
                origin: name,
                name: name.rsplit('/').next().unwrap_or(name),
                alt: "",
                caption: "",
                former: &[],
            };
            self.take(&file)
        });
        for (name, outcome) in names.iter().zip(taken) {
            self.file_came(name, outcome)?;
        }
        Ok(())
    }

    pub(super) fn rules(&mut self) -> Result<(), Error> {
        for rule in &self.source.site().rules {
            let known = redirects::find(self.app, self.actor, &rule.from)?;
            if let Some(known) = known {
                let is_same = matches!(&known.to, Target::Address(to) if *to == rule.to);
                if is_same && known.permanent == rule.permanent {
                    self.report.redirects.unchanged += 1;
                } else {
                    self.report.redirects.left_alone += 1;
                    let what = format!("{} leads elsewhere here", rule.from);
                    self.report
                        .note(Note::new("", what, "it was left as it is"));
                }
                continue;
            }
            if self.wishes.dry_run {
                self.report.redirects.made += 1;
                continue;
            }
            let made = redirects::create(
                self.app,
                self.actor,
                &rule.from,
                &rule.to,
                rule.permanent,
                "",
            );
            match made {
                Ok(_) => self.report.redirects.made += 1,
                Err(error) => {
                    self.report.redirects.refused += 1;
                    self.refuse("", error)?;
                }
            }
        }
        Ok(())
    }
}

/// Why a file did not come.
enum Refusal {
    Note(Note),
    Error(Error),
}

fn count_met(counts: &mut Counts, met: Met) {
    match met {
        Met::Made => counts.made += 1,
        Met::Same => counts.unchanged += 1,
        Met::Other => counts.left_alone += 1,
    }
}

struct Merged {
    settings: Settings,
    taken: usize,
    same: usize,
    differing: Vec<String>,
}

/// Theirs where ours are those of a new site.
fn merge(here: &Settings, there: &Settings) -> Result<Merged, serde_json::Error> {
    let fresh = serde_json::to_value(Settings::default())?;
    let theirs = serde_json::to_value(there)?;
    let mut ours = serde_json::to_value(here)?;
    let (mut taken, mut same, mut differing) = (0, 0, Vec::new());
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let (is_usual, own) = (fresh.get(name) == Some(value), ours.get(name));
        if own == Some(value) {
            same += usize::from(!is_usual);
        } else if own == fresh.get(name) {
            ours[name] = value.clone();
            taken += 1;
        } else if !is_usual {
            differing.push(name.clone());
        }
    }
    Ok(Merged {
        settings: serde_json::from_value(ours)?,
        taken,
        same,
        differing,
    })
}
