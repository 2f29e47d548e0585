//! `inkstand post list`: what there is, by where it stands, by tag, and by what it says.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::app::posts::{self, Wish};
use crate::app::tags;
use crate::domain::actor::Actor;
use crate::domain::id::TagId;
use crate::domain::post::{Kind, Status, Summary};

use super::super::output::{Form, Table, moment};
use super::super::{Common, Failure, failed};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StatusWord {
    Draft,
    Scheduled,
    Published,
    Unlisted,
    Private,
    Trashed,
}

impl From<StatusWord> for Status {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::Draft => Self::Draft,
            StatusWord::Scheduled => Self::Scheduled,
            StatusWord::Published => Self::Published,
            StatusWord::Unlisted => Self::Unlisted,
            StatusWord::Private => Self::Private,
            StatusWord::Trashed => Self::Trashed,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindWord {
    Post,
    Page,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only those that stand so; without it, all but what is in the trash
    #[arg(long, value_enum)]
    status: Option<StatusWord>,
    #[arg(long, value_enum, default_value_t = KindWord::Post)]
    kind: KindWord,
    /// Only those with this tag, by its name or its name in addresses
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only those that have these words in title or text
    #[arg(long)]
    words: Option<String>,
    /// No more than these
    #[arg(long, default_value_t = 25)]
    limit: u32,
    /// Leave out so many first
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    id: i64,
    kind: &'a str,
    status: &'a str,
    title: &'a str,
    slug: &'a str,
    updated_at: String,
    publish_at: Option<String>,
    published_at: Option<String>,
}

impl<'a> Item<'a> {
    fn of(post: &'a Summary) -> Self {
        Self {
            id: post.id.as_i64(),
            kind: post.kind.as_str(),
            status: post.status.as_str(),
            title: post.title.as_str(),
            slug: post.slug.as_str(),
            updated_at: moment(post.updated_at),
            publish_at: post.publish_at.map(moment),
            published_at: post.published_at.map(moment),
        }
    }
}

impl List {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let actor = Actor::system();
        let tag = match &self.tag {
            Some(name) => Some(tag_named(name, &tags::list(&app, &actor)?)?),
            None => None,
        };
        let kind = match self.kind {
            KindWord::Post => Kind::Post,
            KindWord::Page => Kind::Page,
        };
        let wish = Wish {
            kind,
            status: self.status.map(Status::from),
            tag,
            words: self.words.clone().unwrap_or_default(),
            limit: self.limit,
            offset: self.offset,
        };
        let found = posts::desk(&app, &actor, &wish)?;
        let items: Vec<Item<'_>> = found.iter().map(Item::of).collect();
        self.form.list(&items, || table(&items))
    }
}

fn tag_named(name: &str, all: &[(crate::domain::tag::Tag, u64)]) -> Result<TagId, Failure> {
    let folded = name.to_lowercase();
    let is_meant = |tag: &crate::domain::tag::Tag| {
        tag.slug.as_str() == name || tag.name.as_str().to_lowercase() == folded
    };
    let found = all.iter().find(|(tag, _)| is_meant(tag));
    found.map(|(tag, _)| tag.id).ok_or_else(|| {
        failed(format!(
            "there is no tag “{name}” here; look at its spelling"
        ))
    })
}

fn table(items: &[Item<'_>]) -> String {
    let mut table = Table::new(&["ID", "STATUS", "DATE", "ADDRESS", "TITLE"]);
    for item in items {
        let date = item.publish_at.as_ref().or(item.published_at.as_ref());
        let date = date.unwrap_or(&item.updated_at);
        let day = date.split('T').next().unwrap_or_default();
        let cells = [
            item.id.to_string(),
            item.status.to_owned(),
            day.to_owned(),
            format!("/{}", item.slug),
            item.title.to_owned(),
        ];
        table.row(cells);
    }
    table.to_string()
}
