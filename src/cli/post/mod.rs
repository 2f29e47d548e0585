//! `inkstand post`: writing and publishing from the shell, beside a running site or without one.

mod edit;
mod editor;
mod list;
mod new;
mod show;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app::App;
use crate::app::posts::{self, Release};
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::post::{Post, Status};

use super::output::{Form, moment, say};
use super::{Common, Failure, when};

#[derive(Debug, Subcommand)]
pub(super) enum PostCommand {
    /// Make a draft of a markdown file, of standard input, or of what you write in your editor
    New(new::New),
    /// Open a post in your editor
    Edit(edit::Edit),
    /// Posts and pages, last edited first
    List(list::List),
    /// A post with all that is known of it
    Show(show::Show),
    /// Put a draft before readers, now or at a time
    Publish(Publish),
    /// Take a post away from readers; it is a draft again
    Unpublish(Named),
    /// Put a post into the trash
    Trash(Named),
    /// Take a post out of the trash; it is a draft then
    Restore(Named),
    /// Remove a post from the trash for good
    Delete(Named),
    /// Make a link that shows a post to whoever has it, published or not
    Preview {
        /// Its number, or its name in addresses
        post: String,
        /// How long it works
        #[arg(long, default_value_t = posts::DEFAULT_PREVIEW_HOURS)]
        hours: u32,
        /// End all links of the post instead
        #[arg(long, conflicts_with = "hours")]
        end: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Say that a post is a translation of another
    Translate {
        /// Its number, or its name in addresses
        post: String,
        /// The other post
        #[arg(long, required_unless_present = "alone", value_name = "POST")]
        of: Option<String>,
        /// It is no translation of anything
        #[arg(long, conflicts_with = "of")]
        alone: bool,
    },
}

/// A post, and how to tell what became of it.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its number, or its name in addresses
    post: String,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Publish {
    /// Its number, or its name in addresses
    post: String,
    /// When: like 2026-12-24T18:00:00Z, or “2026-12-24 18:00” in the site's time zone
    #[arg(long, value_name = "TIME", conflicts_with_all = ["unlisted", "private"])]
    at: Option<String>,
    /// Only for those who have the address
    #[arg(long, conflicts_with = "private")]
    unlisted: bool,
    /// Only for people who are signed in
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    form: Form,
}

impl Publish {
    fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let release = match &self.at {
            Some(words) => Release::At(when::parse(&app, words)?),
            None if self.unlisted => Release::Unlisted,
            None if self.private => Release::Private,
            None => Release::Now,
        };
        let id = find(&app, &self.post)?.id;
        let post = posts::publish(&app, &Actor::system(), id, release)?;
        tell(&post, self.form)
    }
}

impl Named {
    fn run(
        self,
        common: Common,
        verb: fn(&App, &Actor, PostId) -> Result<Post, crate::app::Error>,
    ) -> Result<(), Failure> {
        let app = common.open_app()?;
        let id = find(&app, &self.post)?.id;
        tell(&verb(&app, &Actor::system(), id)?, self.form)
    }
}

impl PostCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        match self {
            Self::New(new) => new.run(common),
            Self::Edit(edit) => edit.run(common),
            Self::List(list) => list.run(common),
            Self::Show(show) => show.run(common),
            Self::Publish(publish) => publish.run(common),
            Self::Unpublish(named) => named.run(common, posts::unpublish),
            Self::Trash(named) => named.run(common, posts::trash),
            Self::Restore(named) => named.run(common, posts::restore),
            Self::Delete(named) => delete(&named, common),
            Self::Preview {
                post,
                hours,
                end,
                form,
            } => preview(common, &post, (!end).then_some(hours), form),
            Self::Translate { post, of, .. } => {
                let app = common.open_app()?;
                let id = find(&app, &post)?.id;
                let of = of.map(|of| find(&app, &of)).transpose()?;
                let others = posts::translate(&app, &Actor::system(), id, of.map(|post| post.id))?;
                say(format!("{id} has {} translations", others.len()))
            }
        }
    }
}

fn delete(named: &Named, common: Common) -> Result<(), Failure> {
    let app = common.open_app()?;
    let post = find(&app, &named.post)?;
    posts::delete(&app, &Actor::system(), post.id)?;
    let answer = serde_json::json!({ "id": post.id, "deleted": true });
    named.form.tell(&answer, || format!("{} is gone", post.id))
}

fn preview(common: Common, post: &str, hours: Option<u32>, form: Form) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    let app = boot::open_app(&config, false)?;
    let id = find(&app, post)?.id;
    let Some(hours) = hours else {
        let ended = posts::unshare(&app, &Actor::system(), id)?;
        let answer = serde_json::json!({ "ended": ended });
        return form.tell(&answer, || format!("{ended} links have ended"));
    };
    let link = posts::share(&app, &Actor::system(), id, hours)?;
    let base_url = config.base_url().to_string();
    let url = format!("{}{}", base_url.trim_end_matches('/'), link.path());
    let answer = serde_json::json!({ "url": url, "hours": hours });
    form.tell(&answer, || url.clone())
}

/// The post that a word of the operator's names.
fn find(app: &App, word: &str) -> Result<Post, Failure> {
    let found = posts::find(app, &Actor::system(), word);
    found.map_err(|error| match error {
        crate::app::Error::NotFound => super::failed(format!(
            "there is no post “{word}”; “inkstand post list” shows those there are"
        )),
        error => error.into(),
    })
}

/// What scripts are told of a post in few words.
#[derive(Debug, Serialize)]
struct Short<'a> {
    id: PostId,
    kind: &'a str,
    status: &'a str,
    title: &'a str,
    slug: &'a str,
    version: i64,
    updated_at: String,
    publish_at: Option<String>,
    published_at: Option<String>,
}

impl<'a> Short<'a> {
    fn of(post: &'a Post) -> Self {
        Self {
            id: post.id,
            kind: post.kind.as_str(),
            status: post.status.as_str(),
            title: post.content.title.as_str(),
            slug: post.content.slug.as_str(),
            version: post.version,
            updated_at: moment(post.updated_at),
            publish_at: post.publish_at.map(moment),
            published_at: post.published_at.map(moment),
        }
    }
}

/// Where a post stands now.
fn tell(post: &Post, form: Form) -> Result<(), Failure> {
    form.tell(&Short::of(post), || {
        let Post {
            id,
            status,
            content,
            ..
        } = post;
        let time = post.publish_at.filter(|_| *status == Status::Scheduled);
        let time = time.map_or(String::new(), |at| format!(" for {}", moment(at)));
        format!("{id} {status}{time} /{}", content.slug)
    })
}
