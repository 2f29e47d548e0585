//! `inkstand post new`: a post from a file, from standard input, or from the operator's editor.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::app::posts::{self, Draft, Release};
use crate::domain::actor::Actor;
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, Post};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};

use super::super::output::{Form, say};
use super::super::{Common, Failure, misused, when};
use super::edit::keep;
use super::editor::{self, Desk, Page};
use super::tell;

/// What an editor's file is called before the post has a name.
const UNNAMED: &str = "new-post";

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// Without it, the first line of the text says it, behind a #
    #[arg(long)]
    title: Option<String>,
    /// Its name in addresses; made from the title without it
    #[arg(long)]
    slug: Option<String>,
    /// A tag; made when there is none of this name
    #[arg(long = "tag", value_name = "NAME")]
    tags: Vec<String>,
    /// What lists show of it, instead of its first words
    #[arg(long)]
    excerpt: Option<String>,
    /// Its language where that is not the site's, like `de` or `pt-BR`
    #[arg(long)]
    language: Option<String>,
    /// The address of its picture
    #[arg(long, value_name = "ADDRESS")]
    cover: Option<String>,
    /// What the picture shows, for those who do not see it
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    cover_alt: String,
    /// A page stands outside the timeline
    #[arg(long)]
    page: bool,
    /// Publish it at once
    #[arg(long)]
    publish: bool,
    /// Publish it then: like 2026-12-24T18:00:00Z, or “2026-12-24 18:00” in the site's time zone
    #[arg(long, value_name = "TIME", conflicts_with = "publish")]
    at: Option<String>,
    /// The text; standard input without it, or an editor at a terminal
    file: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl New {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let draft = self.draft()?;
        let app = common.open_app()?;
        let form = self.form;
        if self.file.is_none() && io::stdin().is_terminal() {
            return self.in_editor(&app, draft);
        }
        let text = match &self.file {
            Some(file) => editor::read(file)?,
            None => editor::read_from(io::stdin()).map_err(|error| {
                misused(format!("inkstand: standard input cannot be read: {error}"))
            })?,
        };
        // Whoever names a title means the text as it is.
        let page = match &self.title {
            Some(_) => Page {
                title: None,
                markdown: text,
            },
            None => Page::parse(&text),
        };
        tell(&self.make(&app, draft, page)?, form)
    }

    fn in_editor(&self, app: &App, draft: Draft) -> Result<(), Failure> {
        let title = self.title.as_deref().unwrap_or_default();
        let desk = Desk::new(UNNAMED, &Page::text(title, ""))?;
        let made = match desk.work() {
            Ok(Some(page)) => self.make(app, draft, page),
            Ok(None) => return say("Nothing was written, so there is no post"),
            Err(failure) => Err(failure),
        };
        match made {
            Ok(post) => tell(&post, self.form),
            Err(failure) => Err(keep(desk, failure, "")),
        }
    }

    /// All but the text, checked before anything is asked of anybody.
    fn draft(&self) -> Result<Draft, Failure> {
        let names = self.tags.iter().map(|name| Name::parse(name));
        let cover = match &self.cover {
            Some(url) => Some(Cover {
                url: WebAddress::parse(url)?,
                alt: self.cover_alt.clone(),
            }),
            None => None,
        };
        let language = self.language.as_deref().map(Language::parse);
        Ok(Draft {
            title: self.title.as_deref().map(Title::parse).transpose()?,
            slug: self.slug.as_deref().map(Slug::parse).transpose()?,
            tags: Some(names.collect::<Result<_, _>>()?),
            excerpt: Some(self.excerpt.clone()),
            language: Some(language.transpose()?),
            cover: Some(cover),
            ..Draft::default()
        })
    }

    fn make(&self, app: &App, mut draft: Draft, page: Page) -> Result<Post, Failure> {
        if let Some(title) = &page.title {
            draft.title = Some(Title::parse(title)?);
        }
        draft.markdown = Some(page.markdown);
        let kind = if self.page { Kind::Page } else { Kind::Post };
        let release = match &self.at {
            Some(words) => Some(Release::At(when::parse(app, words)?)),
            None => self.publish.then_some(Release::Now),
        };
        let actor = Actor::system();
        Ok(match release {
            Some(release) => posts::create_released(app, &actor, kind, draft, release)?,
            None => posts::create(app, &actor, kind, draft)?,
        })
    }
}
