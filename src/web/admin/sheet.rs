//! The sheet the editor writes on: the form, the buttons that fit where the post stands, and what
//! there is to say about it. Decides nothing about posts; that is done by `app`.

use serde::Serialize;

use crate::app::posts::{self, Choices, Editing, Rights, Seen};
use crate::domain::post::{Kind, Post, Status};
use crate::domain::settings::Settings;
use crate::domain::text::Name;
use crate::web::error::{FieldProblem, Problem};

use super::post_form::{FIELDS, PostForm};
use super::view::{self, Moment};

const NEW: &str = "/admin/new";

#[derive(Debug, Clone, Serialize)]
pub(super) struct Button {
    /// Sent as `intent`.
    word: String,
    label: String,
}

impl Button {
    fn new(word: &str, label: &str) -> Self {
        Self {
            word: word.to_owned(),
            label: label.to_owned(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Wrong {
    /// `None` where the form has no such field.
    field: Option<&'static str>,
    message: String,
}

#[derive(Debug, Serialize)]
struct Trouble {
    title: &'static str,
    detail: String,
    wrong: Vec<Wrong>,
}

#[derive(Debug, Serialize)]
struct Standing {
    name: &'static str,
    /// Where it can be read.
    address: Option<String>,
    due: Option<Moment>,
    edited: Option<Moment>,
    edited_by: Option<String>,
    has_pending: bool,
    is_overtaken: bool,
}

/// A part of a post that somebody else changed.
#[derive(Debug, Serialize)]
struct Theirs {
    field: &'static str,
    name: &'static str,
    text: String,
    is_long: bool,
    /// From theirs to ours, in safe HTML.
    diff: String,
}

#[derive(Debug, Serialize)]
struct Person {
    slug: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Translation {
    id: String,
    title: String,
    language: String,
}

/// Which fields of the form the writer gets.
#[derive(Debug, Serialize)]
struct May {
    may_inject: bool,
    may_choose_authors: bool,
}

/// What to choose from, and what is around the sheet.
#[derive(Debug, Default, Serialize)]
struct Around {
    tag_names: Vec<String>,
    people: Vec<Person>,
    translations: Vec<Translation>,
    time_zone: String,
    site_title: String,
    site_host: String,
}

/// A saved post as a script of ours is told of it.
#[derive(Debug, Serialize)]
pub(super) struct Saved {
    id: String,
    action: String,
    version: i64,
    pending: i64,
    #[serde(rename = "saved")]
    moment: Option<String>,
    standing: &'static str,
    status: &'static str,
    address: Option<String>,
    slug: String,
    buttons: Vec<Button>,
    done: &'static str,
}

impl Saved {
    pub(super) fn new(editing: &Editing, word: &str) -> Self {
        let post = &editing.post;
        Self {
            id: post.id.to_string(),
            action: action(post),
            version: editing.seen.version,
            pending: editing.seen.pending,
            moment: jiff::Timestamp::from_microsecond(editing.edited_at.as_micros())
                .map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
                .ok(),
            standing: view::standing(post.status),
            status: post.status.as_str(),
            address: address(post),
            slug: editing.content.slug.to_string(),
            buttons: buttons(post.status, editing.rights),
            done: done(word, post.status).unwrap_or("Saved."),
        }
    }
}

/// Why a script's form was refused.
#[derive(Debug, Serialize)]
pub(super) struct Refused<'a> {
    title: &'static str,
    detail: &'a str,
    errors: &'a [FieldProblem],
    theirs: Option<TheirSide>,
}

#[derive(Debug, Serialize)]
struct TheirSide {
    version: i64,
    pending: i64,
    by: Option<String>,
    at: Option<Moment>,
    parts: Vec<Theirs>,
}

impl<'a> Refused<'a> {
    /// `saved`: what stands there now, if it is another than what the form began from.
    pub(super) fn new(
        title: &'static str,
        problem: &'a Problem,
        form: &PostForm,
        saved: Option<&Editing>,
        settings: &Settings,
    ) -> Self {
        let theirs = saved.map(|editing| TheirSide {
            version: editing.seen.version,
            pending: editing.seen.pending,
            by: editing.edited_by.as_ref().map(Name::to_string),
            at: Moment::new(editing.edited_at, settings),
            parts: parts(form, &PostForm::of(editing, &view::zone(settings))),
        });
        Self {
            title,
            detail: &problem.detail,
            errors: &problem.fields,
            theirs,
        }
    }
}

fn parts(ours: &PostForm, theirs: &PostForm) -> Vec<Theirs> {
    let differences = ours.differences(theirs).into_iter();
    differences
        .map(|part| Theirs {
            field: part.field,
            name: part.name,
            text: part.theirs.to_owned(),
            is_long: part.is_long,
            diff: posts::difference(part.theirs, part.ours),
        })
        .collect()
}

fn action(post: &Post) -> String {
    format!("/admin/posts/{}", post.id)
}

/// Where it can be read.
fn address(post: &Post) -> Option<String> {
    let can_be_read = post.status.is_readable() || post.status == Status::Private;
    can_be_read.then(|| format!("/{}", post.content.slug))
}

#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    action: String,
    form: PostForm,
    is_new: bool,
    is_page: bool,
    #[serde(skip)]
    status: Status,
    /// The writer has to sign in with the form.
    signs_in: bool,
    /// `None` for one that is yet to be made.
    id: Option<String>,
    #[serde(flatten)]
    may: May,
    revisions: Option<String>,
    preview_link: Option<String>,
    #[serde(flatten)]
    around: Around,
    done: Option<&'static str>,
    standing: Option<Standing>,
    trouble: Option<Trouble>,
    theirs: Vec<Theirs>,
    /// The first is what the Enter key presses, so it is never the one that shows or hides anything.
    buttons: Vec<Button>,
}

impl Sheet {
    /// For a post that is yet to be made.
    pub(super) fn blank(form: PostForm, rights: Option<Rights>) -> Self {
        let mut buttons = vec![Button::new("keep", "Save draft")];
        if rights.is_none_or(|rights| rights.publish) {
            buttons.push(Button::new("publish", "Publish"));
        }
        let may = May {
            may_inject: rights.is_some_and(|rights| rights.inject_code),
            may_choose_authors: rights.is_some_and(|rights| rights.choose_authors),
        };
        Self {
            action: NEW.to_owned(),
            is_new: true,
            is_page: form.kind() == Kind::Page,
            status: Status::Draft,
            signs_in: false,
            id: None,
            may,
            revisions: None,
            preview_link: None,
            around: Around::default(),
            done: None,
            standing: None,
            trouble: None,
            theirs: Vec::new(),
            buttons,
            form,
        }
    }

    /// For a post that is there.
    pub(super) fn of(editing: &Editing, form: PostForm, settings: &Settings) -> Self {
        let post = &editing.post;
        let standing = Standing {
            name: view::standing(post.status),
            address: address(post),
            due: post.publish_at.and_then(|time| Moment::new(time, settings)),
            edited: Moment::new(editing.edited_at, settings),
            edited_by: editing.edited_by.as_ref().map(ToString::to_string),
            has_pending: editing.seen.pending > 0,
            is_overtaken: editing.is_overtaken,
        };
        let here = action(post);
        Self {
            is_new: false,
            is_page: post.kind == Kind::Page,
            status: post.status,
            standing: Some(standing),
            buttons: buttons(post.status, editing.rights),
            id: Some(post.id.to_string()),
            revisions: Some(format!("{here}/revisions")),
            preview_link: Some(format!("{here}/preview")),
            action: here,
            ..Self::blank(form, Some(editing.rights))
        }
    }

    /// Lays out what there is to choose from.
    pub(super) fn with_choices(
        mut self,
        choices: &Choices,
        settings: &Settings,
        base_url: &str,
    ) -> Self {
        let people = choices.people.iter().map(|user| Person {
            slug: user.slug.to_string(),
            name: user.name.to_string(),
        });
        let translations = choices.translations.iter().map(|other| Translation {
            id: other.id.to_string(),
            title: other.content.title.to_string(),
            language: other
                .content
                .language
                .as_ref()
                .unwrap_or(&settings.language)
                .to_string(),
        });
        let host = base_url
            .split_once("://")
            .map_or(base_url, |(_, host)| host);
        self.around = Around {
            tag_names: choices.tags.iter().map(Name::to_string).collect(),
            people: people.collect(),
            translations: translations.collect(),
            time_zone: settings.time_zone.clone(),
            site_title: settings.title.to_string(),
            site_host: host.to_owned(),
        };
        self
    }

    /// For somebody who has to sign in before what they wrote can be saved. Shows nothing but that.
    pub(super) fn of_stranger(action: String, form: PostForm, is_new: bool) -> Self {
        let label = match form.intent.as_str() {
            "publish" => "Sign in and publish",
            "update" => "Sign in and update",
            "" | "keep" => "Sign in and save",
            _ => "Sign in and go on",
        };
        let button = Button::new(&form.intent, label);
        Self {
            action,
            is_new,
            signs_in: true,
            buttons: vec![button],
            ..Self::blank(form, None)
        }
    }

    /// For a post that could not be read again: everything may be tried.
    pub(super) fn unread(action: String, form: PostForm) -> Self {
        Self {
            action,
            is_new: false,
            buttons: vec![Button::new("keep", "Save")],
            ..Self::blank(form, None)
        }
    }

    pub(super) fn with_done(mut self, word: &str) -> Self {
        self.done = done(word, self.status);
        self
    }

    /// Says why the form was refused.
    pub(super) fn with_trouble(mut self, title: &'static str, problem: &Problem) -> Self {
        let wrong = problem.fields.iter().map(|told| Wrong {
            field: FIELDS.contains(&told.field).then_some(told.field),
            message: told.message.clone(),
        });
        self.trouble = Some(Trouble {
            title,
            detail: problem.detail.clone(),
            wrong: wrong.collect(),
        });
        self
    }

    /// Puts what was saved meanwhile beside what was typed; the next save goes on top of it.
    pub(super) fn with_theirs(mut self, saved: &PostForm, seen: Seen) -> Self {
        self.theirs = parts(&self.form, saved);
        self.form.see_other(seen);
        self
    }
}

/// What was done, in words.
fn done(word: &str, status: Status) -> Option<&'static str> {
    Some(match (word, status) {
        ("keep", _) => "Saved.",
        ("update", _) => "Updated.",
        ("publish" | "schedule", Status::Scheduled) => "Scheduled.",
        ("publish" | "publish-now", Status::Unlisted) => "Published for those who have the link.",
        ("publish" | "publish-now", Status::Private) => "Put before those who are signed in.",
        ("publish" | "publish-now" | "schedule", _) => "Published.",
        ("unpublish", _) => "Taken back: it is a draft again.",
        ("trash", _) => "Put into the trash.",
        ("restore", _) => "Back from the trash, as a draft.",
        ("copy", _) => "This is the copy.",
        ("back", _) => "Brought back; what it replaced is in the history.",
        _ => return None,
    })
}

fn buttons(status: Status, rights: Rights) -> Vec<Button> {
    let (publish, delete) = (rights.publish, rights.delete);
    let all: &[(&str, &str, bool)] = match status {
        Status::Draft => &[
            ("keep", "Save", true),
            ("publish", "Publish", publish),
            ("trash", "Move to trash", delete),
        ],
        Status::Scheduled => &[
            ("keep", "Save", true),
            ("schedule", "Schedule", publish),
            ("publish-now", "Publish now", publish),
            ("unpublish", "Do not publish", publish),
            ("trash", "Move to trash", delete),
        ],
        Status::Published | Status::Unlisted => &[
            ("keep", "Save for later", true),
            ("update", "Update", true),
            ("unpublish", "Unpublish", publish),
            ("trash", "Move to trash", delete),
        ],
        Status::Private => &[
            ("keep", "Save", true),
            ("publish", "Publish for everybody", publish),
            ("unpublish", "Make it a draft", publish),
            ("trash", "Move to trash", delete),
        ],
        Status::Trashed => &[("restore", "Restore", true)],
    };
    let allowed = all.iter().filter(|(_, _, allowed)| *allowed);
    allowed
        .map(|(word, label, _)| Button::new(word, label))
        .collect()
}
