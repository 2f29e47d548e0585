//! `inkstand post edit`: a post in the operator's editor. As on the page for it, what readers see stays as
//! it is until the edits are brought out.

use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::app::posts::{self, Draft, Editing, Intent, Release, Written};
use crate::domain::actor::Actor;
use crate::domain::post::{Post, Status};
use crate::domain::text::Title;

use super::super::output::{Form, remark, say};
use super::super::{Common, Failure};
use super::editor::{self, Desk, Page};
use super::{find, tell};

#[derive(Debug, Args)]
pub(in crate::cli) struct Edit {
    /// Its number, or its name in addresses
    post: String,
    /// Take the text from this file instead of an editor; - stands for standard input. Its first line may
    /// be the title, behind a #
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Bring it before readers at once. Without it, edits of a post that readers see wait until they are
    /// brought out
    #[arg(long)]
    publish: bool,
    #[command(flatten)]
    form: Form,
}

impl Edit {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let id = find(&app, &self.post)?.id;
        let editing = posts::edit(&app, &Actor::system(), id)?;
        if editing.is_overtaken {
            remark("Readers see a newer text than the one these edits began from.");
        }
        let before = Page::text(editing.content.title.as_str(), &editing.content.markdown);
        if let Some(file) = &self.file {
            let text = if file.as_os_str() == "-" {
                editor::read_from(io::stdin())?
            } else {
                editor::read(file)?
            };
            return self.save(&app, &editing, &Page::parse(&text));
        }
        let desk = Desk::new(editing.content.slug.as_str(), &before)?;
        let saved = match desk.work() {
            Ok(Some(page)) => self.save(&app, &editing, &page),
            Ok(None) if self.publish => self.save(&app, &editing, &Page::parse(&before)),
            Ok(None) => return say("Nothing was changed"),
            Err(failure) => Err(failure),
        };
        saved.map_err(|failure| keep(desk, failure, &self.post))
    }

    fn save(&self, app: &App, editing: &Editing, page: &Page) -> Result<(), Failure> {
        let title = page.title.as_deref().map(Title::parse).transpose()?;
        let draft = Draft {
            title,
            markdown: Some(page.markdown.clone()),
            ..Draft::default()
        };
        let written = Written {
            draft,
            intent: self.intent(&editing.post),
            seen: editing.seen,
            is_on_top: false,
        };
        let post = posts::write(app, &Actor::system(), editing.post.id, written)?;
        tell(&post, self.form)?;
        if !self.publish && post.status.is_readable() && !self.form.json {
            remark(format!(
                "Readers do not see this yet; “inkstand post edit {} --publish” brings it out.",
                post.content.slug
            ));
        }
        Ok(())
    }

    fn intent(&self, post: &Post) -> Intent {
        match post.status {
            _ if !self.publish => Intent::Keep,
            Status::Draft | Status::Scheduled | Status::Trashed => Intent::Release(Release::Now),
            Status::Published | Status::Unlisted | Status::Private => Intent::Update(None),
        }
    }
}

/// Says where the words are that could not be saved.
pub(super) fn keep(desk: Desk, failure: Failure, post: &str) -> Failure {
    let Some(left) = desk.leave() else {
        return failure;
    };
    let left = left.display();
    let again = match post {
        "" => format!("inkstand post new {left}"),
        post => format!("inkstand post edit {post} --file {left}"),
    };
    Failure {
        message: format!(
            "{}\nWhat you wrote is kept in {left}. Look at what is there now, put yours right, and then:\n  {again}",
            failure.message
        ),
        ..failure
    }
}
