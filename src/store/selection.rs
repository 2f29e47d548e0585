//! Lists of posts as programs ask for them: by where posts stand, with filters, from a place on. Published
//! posts run from the newest to the oldest, others from the last edited on; each is a walk along one index
//! that leaves out what does not fit.

use crate::db::{ReadTx, ToValue};
use crate::domain::id::{TagId, UserId};
use crate::domain::language::Language;
use crate::domain::place::{Place, Stretch};
use crate::domain::post::{Kind, Status, Summary};
use crate::domain::time::Timestamp;

use super::{StoreError, timeline};

/// What is wanted. `None` lets everything through.
#[derive(Debug, Clone)]
pub struct Selection {
    pub kind: Kind,
    /// `None`: wherever it stands, except in the trash.
    pub status: Option<Status>,
    pub tag: Option<TagId>,
    pub author: Option<UserId>,
    /// The language, and the one of posts that say nothing about theirs.
    pub language: Option<(Language, Language)>,
    pub featured: Option<bool>,
    pub published: Span,
    pub updated: Span,
}

/// From a moment on, and before another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    pub since: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// Conditions with their parameters, put together one by one.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Box<dyn ToValue>>,
}

impl Conditions {
    fn value(&mut self, value: impl ToValue + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn add(&mut self, condition: &str) {
        self.sql.push(condition.to_owned());
    }

    fn with(&mut self, condition: impl Fn(&str) -> String, value: impl ToValue + 'static) {
        let name = self.value(value);
        self.sql.push(condition(&name));
    }

    /// Only what lies behind a place of the order that the two columns make.
    fn behind(&mut self, key: &str, id: &str, place: Place) {
        let (from_key, from_id) = (self.value(place.key), self.value(place.id));
        self.sql
            .push(format!("({key}, {id}) < ({from_key}, {from_id})"));
    }

    fn within(&mut self, column: &str, span: Span) {
        if let Some(since) = span.since {
            self.with(|name| format!("{column} >= {name}"), since.as_micros());
        }
        if let Some(before) = span.before {
            self.with(|name| format!("{column} < {name}"), before.as_micros());
        }
    }
}

/// Along which index a list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// Published posts of one tag.
    Tag(TagId),
    /// Published posts of one author.
    Author(UserId),
    Published,
    Standing(Status),
    AnyButTrash,
}

impl Walk {
    fn of(selection: &Selection) -> Self {
        // The timelines of tags and authors hold no pages.
        let is_timeline = selection.kind == Kind::Post;
        match (selection.status, selection.tag, selection.author) {
            (Some(Status::Published), Some(tag), _) if is_timeline => Self::Tag(tag),
            (Some(Status::Published), None, Some(author)) if is_timeline => Self::Author(author),
            (Some(Status::Published), ..) => Self::Published,
            (Some(status), ..) => Self::Standing(status),
            (None, ..) => Self::AnyButTrash,
        }
    }

    /// Where it walks, and the columns of its order.
    fn way(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tag(_) => (
                "post_tags t JOIN posts p ON p.id = t.post_id",
                "t.listed_at",
                "t.post_id",
            ),
            Self::Author(_) => (
                "post_authors a JOIN posts p ON p.id = a.post_id",
                "a.listed_at",
                "a.post_id",
            ),
            Self::Published => ("posts p", "p.published_at", "p.id"),
            Self::Standing(_) | Self::AnyButTrash => ("posts p", "p.updated_at", "p.id"),
        }
    }

    fn key(self, post: &Summary) -> Option<Timestamp> {
        match self {
            Self::Standing(_) | Self::AnyButTrash => Some(post.updated_at),
            Self::Tag(_) | Self::Author(_) | Self::Published => post.published_at,
        }
    }
}

/// A part of a list: at most `limit` posts behind a place.
pub fn posts(
    tx: &mut ReadTx<'_>,
    selection: &Selection,
    after: Place,
    limit: u32,
) -> Result<Stretch<Summary>, StoreError> {
    let walk = Walk::of(selection);
    let (way, key, id) = walk.way();
    let mut only = Conditions::default();
    match walk {
        Walk::Tag(tag) => {
            only.with(|name| format!("t.tag_id = {name}"), tag.as_i64());
            only.add("t.listed_at IS NOT NULL");
        }
        Walk::Author(author) => {
            only.with(|name| format!("a.user_id = {name}"), author.as_i64());
            only.add("a.listed_at IS NOT NULL");
        }
        Walk::Published | Walk::Standing(_) | Walk::AnyButTrash => {
            let kind = selection.kind.as_str().to_owned();
            only.with(|name| format!("p.kind = {name}"), kind);
        }
    }
    match walk {
        Walk::Published => only.add("p.status = 'published'"),
        Walk::Standing(status) => {
            let status = status.as_str().to_owned();
            only.with(|name| format!("p.status = {name}"), status);
        }
        Walk::AnyButTrash => only.add("p.status <> 'trashed'"),
        Walk::Tag(_) | Walk::Author(_) => {}
    }
    only.behind(key, id, after);
    filter(&mut only, walk, selection);
    let most = only.value(limit.saturating_add(1));
    let rest = format!(
        "{way} WHERE {} ORDER BY {key} DESC, {id} DESC LIMIT {most}",
        only.sql.join(" AND ")
    );
    let values: Vec<&dyn ToValue> = only.values.iter().map(AsRef::as_ref).collect();
    let found = timeline::list(tx, &rest, &values)?;
    Ok(Stretch::of(found, limit, |post| {
        let key = walk.key(post).unwrap_or(post.updated_at);
        Place::behind(key, post.id.as_i64())
    }))
}

/// What the walk itself does not see to.
fn filter(only: &mut Conditions, walk: Walk, selection: &Selection) {
    if let Some(tag) = selection.tag.filter(|_| !matches!(walk, Walk::Tag(_))) {
        let condition = |name: &str| {
            format!(
                "EXISTS (SELECT 1 FROM post_tags x WHERE x.tag_id = {name} AND x.post_id = p.id)"
            )
        };
        only.with(condition, tag.as_i64());
    }
    let is_walked = matches!(walk, Walk::Author(_));
    if let Some(author) = selection.author.filter(|_| !is_walked) {
        let condition = |name: &str| {
            format!(
                "EXISTS (SELECT 1 FROM post_authors y WHERE y.user_id = {name} AND y.post_id = p.id)"
            )
        };
        only.with(condition, author.as_i64());
    }
    if let Some((language, unsaid)) = &selection.language {
        let unsaid = only.value(unsaid.as_str().to_owned());
        let condition = |name: &str| format!("coalesce(p.language, {unsaid}) = {name}");
        only.with(condition, language.as_str().to_owned());
    }
    if let Some(featured) = selection.featured {
        only.with(|name| format!("p.featured = {name}"), featured);
    }
    only.within("p.published_at", selection.published);
    only.within("p.updated_at", selection.updated);
}
