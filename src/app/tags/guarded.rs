//! Tags as programs handle them: in parts of a list, and each changed only if it is still the one they
//! have read. A child of `tags`, whose checks and writing it shares.

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::id::TagId;
use crate::domain::place::{Place, Stretch};
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::{Name, WebAddress};
use crate::store::{self, StoreError};

use super::super::{App, Error, require};
use super::{Wording, create, delete_in, merge_in, update_in};

/// Looks at a tag and at how many posts it lists, before it is changed: an error keeps it as it is.
pub type Guard<'a> = &'a dyn Fn(&Tag, u64) -> Result<(), Error>;

/// What is to become of a tag. `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    pub name: Option<Name>,
    pub slug: Option<Slug>,
    pub description: Option<String>,
    pub colour: Option<Option<String>>,
    pub cover_url: Option<Option<WebAddress>>,
}

impl Patch {
    fn over(self, tag: &Tag) -> Wording {
        Wording {
            name: self.name.unwrap_or_else(|| tag.name.clone()),
            slug: self.slug.unwrap_or_else(|| tag.slug.clone()),
            description: self.description.unwrap_or_else(|| tag.description.clone()),
            colour: self.colour.unwrap_or_else(|| tag.colour.clone()),
            cover_url: self.cover_url.unwrap_or_else(|| tag.cover_url.clone()),
        }
    }
}

/// Which tag is meant.
#[derive(Debug, Clone)]
pub enum Which {
    Id(TagId),
    Slug(Slug),
}

/// A part of all tags, the newest first, with the number of posts readers find under each. A tag of drafts
/// alone is nobody's business who may not see drafts.
pub fn part(
    app: &App,
    actor: &Actor,
    after: Place,
    limit: u32,
) -> Result<Stretch<(Tag, u64)>, Error> {
    let only_listed = !actor.may(Act::ReadOwn);
    let found = app
        .db
        .read(|tx| store::tags::after(tx, after, limit, only_listed))?;
    Ok(found)
}

pub fn find(app: &App, actor: &Actor, which: &Which) -> Result<(Tag, u64), Error> {
    app.db.read(|tx| {
        let tag = match which {
            Which::Id(id) => store::tags::by_id(tx, *id)?,
            Which::Slug(slug) => store::tags::by_slug(tx, slug)?,
        };
        let (tag, posts) = counted(tx, tag.ok_or(Error::NotFound)?)?;
        if posts == 0 && !actor.may(Act::ReadOwn) {
            return Err(Error::NotFound);
        }
        Ok((tag, posts))
    })
}

fn counted(tx: &mut ReadTx<'_>, tag: Tag) -> Result<(Tag, u64), StoreError> {
    let posts = store::tags::listed_posts(tx, tag.id)?;
    Ok((tag, posts))
}

/// Makes a tag that no post has yet.
pub fn make(app: &App, actor: &Actor, patch: Patch) -> Result<(Tag, u64), Error> {
    require(actor, Act::ManageTags)?;
    let needed = || Error::invalid("name", "A tag needs a name");
    let name = patch.name.clone().ok_or_else(needed)?;
    app.db.write(|tx| {
        if store::tags::by_name(tx, &name)?.is_some() {
            return Err(Error::Conflict(
                "there is a tag of this name already; change that one".to_owned(),
            ));
        }
        let language = store::settings::read(tx)?.language;
        let tag = create(tx, &name, &language)?;
        let wording = patch.over(&tag);
        // Nobody has known the address it was made with.
        let tag = Tag {
            slug: wording.slug.clone(),
            ..tag
        };
        let tag = update_in(tx, &tag, wording)?;
        Ok(counted(tx, tag)?)
    })
}

/// The tag, if the guard lets it be changed.
fn meant(tx: &mut WriteTx<'_>, id: TagId, guard: Guard<'_>) -> Result<Tag, Error> {
    let tag = store::tags::by_id(tx, id)?.ok_or(Error::NotFound)?;
    let (tag, posts) = counted(tx, tag)?;
    guard(&tag, posts)?;
    Ok(tag)
}

/// Changes what was said of a tag, and leaves the rest.
pub fn revise(
    app: &App,
    actor: &Actor,
    id: TagId,
    guard: Guard<'_>,
    patch: Patch,
) -> Result<(Tag, u64), Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let tag = meant(tx, id, guard)?;
        let wording = patch.over(&tag);
        let tag = update_in(tx, &tag, wording)?;
        Ok(counted(tx, tag)?)
    })
}

/// Takes a tag away from every post.
pub fn remove(app: &App, actor: &Actor, id: TagId, guard: Guard<'_>) -> Result<(), Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let tag = meant(tx, id, guard)?;
        delete_in(tx, actor, &tag)
    })
}

/// Gives every post of one tag the other instead, which is handed back.
pub fn merge_into(
    app: &App,
    actor: &Actor,
    id: TagId,
    guard: Guard<'_>,
    into: TagId,
) -> Result<(Tag, u64), Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let old = meant(tx, id, guard)?;
        let new = merge_in(tx, actor, &old, into)?;
        Ok(counted(tx, new)?)
    })
}
