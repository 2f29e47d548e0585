//! Tags as writers use them: named in a post, made when new.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::TagId;
use crate::domain::language::Language;
use crate::domain::redirect::Target;
use crate::domain::slug::Slug;
use crate::domain::tag::{Tag, is_colour};
use crate::domain::text::{Name, WebAddress};
use crate::store;

use super::{App, Error, accounts, require};

mod guarded;

pub use guarded::{Guard, Patch, Which, find, make, merge_into, part, remove, revise};

pub const MAX_DESCRIPTION_CHARS: usize = 500;

/// What somebody wrote about a tag.
#[derive(Debug, Clone)]
pub struct Wording {
    pub name: Name,
    pub slug: Slug,
    pub description: String,
    pub colour: Option<String>,
    pub cover_url: Option<WebAddress>,
}

/// Every tag with the number of posts readers find under it, by name.
pub fn list(app: &App, actor: &Actor) -> Result<Vec<(Tag, u64)>, Error> {
    require(actor, Act::CreatePost)?;
    Ok(app.db.read(store::tags::all)?)
}

pub fn show(app: &App, actor: &Actor, id: TagId) -> Result<Tag, Error> {
    require(actor, Act::ManageTags)?;
    let tag = app.db.read(|tx| store::tags::by_id(tx, id))?;
    tag.ok_or(Error::NotFound)
}

/// Writes a tag anew. Its old address leads to the new one.
pub fn update(app: &App, actor: &Actor, id: TagId, wording: Wording) -> Result<Tag, Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let before = store::tags::by_id(tx, id)?.ok_or(Error::NotFound)?;
        update_in(tx, &before, wording)
    })
}

fn update_in(tx: &mut WriteTx<'_>, before: &Tag, wording: Wording) -> Result<Tag, Error> {
    let id = before.id;
    let colour = wording.colour.filter(|colour| !colour.is_empty());
    if colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
        return Err(Error::invalid("colour", "Write a colour like #8a3324"));
    }
    if wording.description.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(Error::invalid(
            "description",
            format!("Keep to {MAX_DESCRIPTION_CHARS} letters"),
        ));
    }
    if store::tags::by_name(tx, &wording.name)?.is_some_and(|other| other.id != id) {
        return Err(Error::invalid(
            "name",
            "There is a tag of this name; merge the two instead",
        ));
    }
    if store::tags::by_slug(tx, &wording.slug)?.is_some_and(|other| other.id != id) {
        return Err(Error::invalid("slug", "Another tag has this address"));
    }
    let tag = Tag {
        id,
        slug: wording.slug,
        name: wording.name,
        description: wording.description.replace('\0', ""),
        colour,
        cover_url: wording.cover_url,
        updated_at: tx.now(),
    };
    store::tags::update(tx, &tag)?;
    if tag.slug != before.slug {
        move_address(tx, before, &tag)?;
    }
    tx.record(Change::visible(Noun::Tag, id.as_i64(), Verb::Updated));
    Ok(tag)
}

/// Gives every post of one tag the other instead; the address of the first leads to the other.
pub fn merge(app: &App, actor: &Actor, from: TagId, into: TagId) -> Result<(), Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let old = store::tags::by_id(tx, from)?.ok_or(Error::NotFound)?;
        merge_in(tx, actor, &old, into).map(drop)
    })
}

fn merge_in(tx: &mut WriteTx<'_>, actor: &Actor, old: &Tag, into: TagId) -> Result<Tag, Error> {
    if old.id == into {
        return Err(Error::invalid("into", "Choose another tag than this one"));
    }
    let new = store::tags::by_id(tx, into)?
        .ok_or_else(|| Error::invalid("into", "There is no such tag"))?;
    let (from, name) = (old.id, old.name.as_str());
    let touched = store::tags::posts_with(tx, from)?;
    store::tags::merge(tx, from, into)?;
    move_address(tx, old, &new)?;
    accounts::audit(tx, actor, "tag.merge", Noun::Tag, from.as_i64(), name)?;
    for post in touched {
        tx.record(Change::hidden(Noun::Post, post.as_i64(), Verb::Updated));
    }
    tx.record(Change::visible(Noun::Tag, into.as_i64(), Verb::Updated));
    Ok(new)
}

/// Takes the tag away from every post.
pub fn delete(app: &App, actor: &Actor, id: TagId) -> Result<(), Error> {
    require(actor, Act::ManageTags)?;
    app.db.write(|tx| {
        let tag = store::tags::by_id(tx, id)?.ok_or(Error::NotFound)?;
        delete_in(tx, actor, &tag)
    })
}

fn delete_in(tx: &mut WriteTx<'_>, actor: &Actor, tag: &Tag) -> Result<(), Error> {
    let (id, name) = (tag.id, tag.name.as_str());
    let touched = store::tags::posts_with(tx, id)?;
    store::tags::delete(tx, id)?;
    accounts::audit(tx, actor, "tag.delete", Noun::Tag, id.as_i64(), name)?;
    for post in touched {
        tx.record(Change::hidden(Noun::Post, post.as_i64(), Verb::Updated));
    }
    tx.record(Change::visible(Noun::Tag, id.as_i64(), Verb::Deleted));
    Ok(())
}

fn move_address(tx: &mut WriteTx<'_>, old: &Tag, new: &Tag) -> Result<(), Error> {
    let at = |tag: &Tag| format!("/tag/{}", tag.slug);
    store::redirects::delete_from(tx, &at(new))?;
    let to = WebAddress::parse(&at(new)).map_err(|error| Error::internal(error.to_string()))?;
    store::redirects::put(tx, &at(old), &Target::Address(to), true)?;
    Ok(())
}

/// The tags of these names, each made if it is not there yet.
pub(super) fn ensure(
    tx: &mut WriteTx<'_>,
    names: &[Name],
    language: &Language,
) -> Result<Vec<TagId>, Error> {
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let id = match store::tags::by_name(tx, name)? {
            Some(tag) => tag.id,
            None => create(tx, name, language)?.id,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn create(tx: &mut WriteTx<'_>, name: &Name, language: &Language) -> Result<Tag, Error> {
    let wished = Slug::from_title(name.as_str(), language, "tag");
    let mut slug = wished.clone();
    let mut number = 2;
    while store::tags::by_slug(tx, &slug)?.is_some() {
        slug = wished.with_suffix(number);
        number += 1;
    }
    let tag = Tag {
        id: TagId::from_i64(tx.new_id()),
        slug,
        name: name.clone(),
        description: String::new(),
        colour: None,
        cover_url: None,
        updated_at: tx.now(),
    };
    store::tags::insert(tx, &tag)?;
    tx.record(Change::hidden(Noun::Tag, tag.id.as_i64(), Verb::Created));
    Ok(tag)
}
