//! Tags as writers use them: named in a post, made when new.

use crate::db::WriteTx;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::TagId;
use crate::domain::language::Language;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::Name;
use crate::store;

use super::Error;

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
            None => create(tx, name, language)?,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn create(tx: &mut WriteTx<'_>, name: &Name, language: &Language) -> Result<TagId, Error> {
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
    Ok(tag.id)
}
