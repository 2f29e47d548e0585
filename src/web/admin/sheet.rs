//! The sheet the editor writes on: the form, the buttons that fit where the post stands, and what
//! there is to say about it. Decides nothing about posts; that is done by `app`.

use serde::Serialize;

use crate::app::posts::{Editing, Rights, Seen};
use crate::domain::post::{Kind, Status};
use crate::domain::settings::Settings;
use crate::web::error::Problem;

use super::post_form::{FIELDS, PostForm};
use super::view::{self, Moment};

const NEW: &str = "/admin/new";

#[derive(Debug, Serialize)]
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

#[derive(Debug, Serialize)]
struct Theirs {
    name: &'static str,
    text: String,
    is_long: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    action: String,
    form: PostForm,
    is_new: bool,
    is_page: bool,
    /// The writer has to sign in with the form.
    signs_in: bool,
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
        Self {
            action: NEW.to_owned(),
            is_new: true,
            is_page: form.kind() == Kind::Page,
            signs_in: false,
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
        let can_be_read = post.status.is_readable() || post.status == Status::Private;
        let standing = Standing {
            name: view::standing(post.status),
            address: can_be_read.then(|| format!("/{}", post.content.slug)),
            due: post.publish_at.and_then(|time| Moment::new(time, settings)),
            edited: Moment::new(editing.edited_at, settings),
            edited_by: editing.edited_by.as_ref().map(ToString::to_string),
            has_pending: editing.seen.pending > 0,
            is_overtaken: editing.is_overtaken,
        };
        Self {
            action: format!("/admin/posts/{}", post.id),
            is_new: false,
            is_page: post.kind == Kind::Page,
            standing: Some(standing),
            buttons: buttons(post.status, editing.rights),
            ..Self::blank(form, None)
        }
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
        self.done = match word {
            "keep" => Some("Saved."),
            "update" => Some("Updated."),
            "publish" => Some("Published."),
            "unpublish" => Some("Taken back: it is a draft again."),
            "trash" => Some("Put into the trash."),
            "restore" => Some("Back from the trash, as a draft."),
            _ => None,
        };
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
        let theirs = self.form.differences(saved).into_iter();
        self.theirs = theirs
            .map(|(name, text, is_long)| Theirs {
                name,
                text: text.to_owned(),
                is_long,
            })
            .collect();
        self.form.see_other(seen);
        self
    }
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
            ("publish", "Publish now", publish),
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
