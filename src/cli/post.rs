//! `inkstand post`: writing and publishing from the shell, beside a running site or without one.

use std::io::Read;
use std::path::PathBuf;

use clap::Subcommand;

use crate::app::posts::{self, Draft, Release};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::post::{Kind, MAX_MARKDOWN_BYTES, Post};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title};

use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum PostCommand {
    /// Make a draft of a markdown file, or of standard input
    New {
        #[arg(long)]
        title: String,
        #[arg(long)]
        slug: Option<String>,
        #[arg(long = "tag", value_name = "NAME")]
        tags: Vec<String>,
        /// A page stands outside the timeline
        #[arg(long)]
        page: bool,
        /// Publish it at once
        #[arg(long)]
        publish: bool,
        file: Option<PathBuf>,
    },
    /// Put a draft before readers
    Publish { id: i64 },
    /// Take a post away from readers
    Unpublish { id: i64 },
}

impl PostCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let actor = Actor::system();
        let post = match self {
            Self::New {
                title,
                slug,
                tags,
                page,
                publish,
                file,
            } => {
                let tags = tags
                    .iter()
                    .map(|name| Name::parse(name))
                    .collect::<Result<_, _>>()?;
                let draft = Draft {
                    title: Some(Title::parse(&title)?),
                    slug: slug.as_deref().map(Slug::parse).transpose()?,
                    markdown: Some(text(file)?),
                    tags: Some(tags),
                    ..Draft::default()
                };
                let kind = if page { Kind::Page } else { Kind::Post };
                let app = common.open_app()?;
                if publish {
                    posts::create_released(&app, &actor, kind, draft, Release::Now)?
                } else {
                    posts::create(&app, &actor, kind, draft)?
                }
            }
            Self::Publish { id } => {
                let id = PostId::from_i64(id);
                posts::publish(&common.open_app()?, &actor, id, Release::Now)?
            }
            Self::Unpublish { id } => {
                posts::unpublish(&common.open_app()?, &actor, PostId::from_i64(id))?
            }
        };
        tell(&post);
        Ok(())
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
