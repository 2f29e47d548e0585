//! `inkstand post`: writing and publishing from the shell, beside a running site or without one.

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::posts::{self, Draft, Release};
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, MAX_MARKDOWN_BYTES, Post};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};

use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum PostCommand {
    /// Make a draft of a markdown file, or of standard input
    New(New),
    /// Put a draft before readers
    Publish { id: i64 },
    /// Take a post away from readers
    Unpublish { id: i64 },
    /// Make a link that shows a post to whoever has it, published or not
    Preview {
        id: i64,
        /// How long it works
        #[arg(long, default_value_t = posts::DEFAULT_PREVIEW_HOURS)]
        hours: u32,
        /// End all links of the post instead
        #[arg(long, conflicts_with = "hours")]
        end: bool,
    },
    /// Say that a post is a translation of another
    Translate {
        id: i64,
        /// The other post
        #[arg(long, required_unless_present = "alone")]
        of: Option<i64>,
        /// It is no translation of anything
        #[arg(long, conflicts_with = "of")]
        alone: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct New {
    #[arg(long)]
    title: String,
    #[arg(long)]
    slug: Option<String>,
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
    file: Option<PathBuf>,
}

impl PostCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let actor = Actor::system();
        match self {
            Self::New(new) => tell(&new.run(common)?),
            Self::Publish { id } => {
                let id = PostId::from_i64(id);
                tell(&posts::publish(
                    &common.open_app()?,
                    &actor,
                    id,
                    Release::Now,
                )?);
            }
            Self::Unpublish { id } => {
                let id = PostId::from_i64(id);
                tell(&posts::unpublish(&common.open_app()?, &actor, id)?);
            }
            Self::Preview { id, hours, end } => preview(common, PostId::from_i64(id), hours, end)?,
            Self::Translate { id, of, .. } => {
                let (id, of) = (PostId::from_i64(id), of.map(PostId::from_i64));
                let others = posts::translate(&common.open_app()?, &actor, id, of)?;
                println!("{id} has {} translations", others.len());
            }
        }
        Ok(())
    }
}

fn preview(common: Common, id: PostId, hours: u32, end: bool) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    let app = boot::open_app(&config, false)?;
    if end {
        let ended = posts::unshare(&app, &Actor::system(), id)?;
        println!("{ended} links have ended");
    } else {
        let link = posts::share(&app, &Actor::system(), id, hours)?;
        let base_url = config.base_url().to_string();
        println!("{}{}", base_url.trim_end_matches('/'), link.path());
    }
    Ok(())
}

impl New {
    fn run(self, common: Common) -> Result<Post, Failure> {
        let actor = Actor::system();
        let names = self.tags.iter().map(|name| Name::parse(name));
        let cover = match self.cover {
            Some(url) => Some(Cover {
                url: WebAddress::parse(&url)?,
                alt: self.cover_alt,
            }),
            None => None,
        };
        let draft = Draft {
            title: Some(Title::parse(&self.title)?),
            slug: self.slug.as_deref().map(Slug::parse).transpose()?,
            markdown: Some(text(self.file)?),
            tags: Some(names.collect::<Result<_, _>>()?),
            excerpt: Some(self.excerpt),
            language: Some(self.language.as_deref().map(Language::parse).transpose()?),
            cover: Some(cover),
            ..Draft::default()
        };
        let kind = if self.page { Kind::Page } else { Kind::Post };
        let app = common.open_app()?;
        Ok(if self.publish {
            posts::create_released(&app, &actor, kind, draft, Release::Now)?
        } else {
            posts::create(&app, &actor, kind, draft)?
        })
    }
}

fn tell(post: &Post) {
    let Post {
        id,
        status,
        content,
        ..
    } = post;
    println!("{id} {status} /{}", content.slug);
}

fn text(file: Option<PathBuf>) -> Result<String, Failure> {
    let mut text = String::new();
    let limit = MAX_MARKDOWN_BYTES as u64 + 1;
    let outcome = match &file {
        Some(path) => {
            std::fs::File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text))
        }
        None => std::io::stdin().take(limit).read_to_string(&mut text),
    };
    let name = file.map_or("standard input".to_owned(), |path| {
        path.display().to_string()
    });
    outcome.map_err(|error| misused(format!("inkstand: {name} cannot be read: {error}")))?;
    Ok(text)
}
