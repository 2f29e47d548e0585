//! `inkstand post show`: a post for people, for scripts, as it was written or as readers get it.

use clap::Args;
use serde::Serialize;

use crate::app::{App, people, posts, rendering, tags};
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::id::{TagId, UserId};
use crate::domain::post::{Content, Post};

use super::super::output::{Form, moment, one_line, say};
use super::super::{Common, Failure};
use super::{Short, find};

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// Its number, or its name in addresses
    post: String,
    /// Only its text, as it was written
    #[arg(long, conflicts_with_all = ["html", "json"])]
    markdown: bool,
    /// Only its text, as readers get it
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// With the edits that readers do not see yet
    #[arg(long)]
    pending: bool,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    short: Short<'a>,
    url: String,
    tags: Vec<String>,
    authors: Vec<String>,
    language: Option<String>,
    excerpt: Option<&'a str>,
    featured: bool,
    /// Edits that readers do not see yet.
    has_pending: bool,
    created_at: String,
    markdown: &'a str,
    html: String,
}

impl Show {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let app = boot::open_app(&config, false)?;
        let found = find(&app, &self.post)?;
        let editing = posts::edit(&app, &Actor::system(), found.id)?;
        let mut post = editing.post;
        if self.pending {
            post.content = editing.content;
        }
        if self.markdown {
            return say(&post.content.markdown);
        }
        let html = rendering::html_of(&app, &post.content)?;
        if self.html {
            return say(html);
        }
        let base_url = config.base_url().to_string();
        let whole = Whole {
            url: format!("{base_url}/{}", post.content.slug),
            tags: tag_names(&app, &post.content)?,
            authors: author_names(&app, &post.content)?,
            language: post.content.language.as_ref().map(ToString::to_string),
            excerpt: post.content.excerpt.as_deref(),
            featured: post.content.featured,
            has_pending: editing.seen.pending > 0,
            created_at: moment(post.created_at),
            markdown: &post.content.markdown,
            short: Short::of(&post),
            html,
        };
        self.form.tell(&whole, || for_people(&post, &whole))
    }
}

fn tag_names(app: &App, content: &Content) -> Result<Vec<String>, Failure> {
    let all = tags::list(app, &Actor::system())?;
    let name = |id: &TagId| all.iter().find(|(tag, _)| tag.id == *id);
    let names = content.tags.iter().filter_map(name);
    Ok(names.map(|(tag, _)| tag.name.to_string()).collect())
}

fn author_names(app: &App, content: &Content) -> Result<Vec<String>, Failure> {
    let all = people::list(app, &Actor::system())?;
    let name = |id: &UserId| all.iter().find(|user| user.id == *id);
    let names = content.authors.iter().filter_map(name);
    Ok(names.map(|user| user.slug.to_string()).collect())
}

fn for_people(post: &Post, whole: &Whole<'_>) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name:<10}{}", one_line(&value)));
        }
    };
    line("id", post.id.to_string());
    line("title", post.content.title.to_string());
    line("status", format!("{} ({})", post.status, post.kind));
    line("address", whole.url.clone());
    line("tags", whole.tags.join(", "));
    line("authors", whole.authors.join(", "));
    line("language", whole.language.clone().unwrap_or_default());
    line("excerpt", whole.excerpt.unwrap_or_default().to_owned());
    line("made", whole.created_at.clone());
    line("edited", whole.short.updated_at.clone());
    line("due", whole.short.publish_at.clone().unwrap_or_default());
    let published = whole.short.published_at.clone();
    line("published", published.unwrap_or_default());
    line("version", post.version.to_string());
    if whole.has_pending {
        let advice =
            "edits wait; --pending shows them, “inkstand post edit … --publish” brings them out";
        line("pending", advice.to_owned());
    }
    format!("{}\n\n{}", lines.join("\n"), whole.markdown.trim_end())
}
