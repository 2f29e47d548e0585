//! Where an address leads that somebody wrote: to something readers find, to something they do not see, or
//! to nothing. A child of `checkup`.

use crate::db::ReadTx;
use crate::domain::post::Status;
use crate::domain::slug::Slug;
use crate::store;

use super::super::Error;
use super::super::media::PREFIX;
use super::super::reader::rule_for;
use super::super::redirects::own_path;
use super::Means;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// To another site; nobody there is asked.
    Away,
    Somewhere,
    /// To a place in the same text.
    Within(String),
    /// To a post that readers do not see.
    Hidden(Status),
    Nowhere,
}

/// Where `address` leads when it stands in a text of the site.
pub(super) fn of(tx: &mut ReadTx<'_>, means: &Means<'_>, address: &str) -> Result<Leads, Error> {
    if let Some(place) = address.strip_prefix('#') {
        return Ok(Leads::Within(decoded(place)));
    }
    let is_ours = address
        .strip_prefix(means.base_url)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let has_scheme = address
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|first| first.contains(':'));
    if !is_ours && (has_scheme || address.starts_with("//")) || address.starts_with('?') {
        return Ok(Leads::Away);
    }
    // Texts stand right below the site's root.
    let whole = if is_ours || address.starts_with('/') {
        address.to_owned()
    } else {
        format!("/{address}")
    };
    match own_path(&whole, means.base_url) {
        Some(path) => of_path(tx, means, &path),
        None => Ok(Leads::Nowhere),
    }
}

/// Where a path of the site leads, decoded and without what follows it.
pub(super) fn of_path(tx: &mut ReadTx<'_>, means: &Means<'_>, path: &str) -> Result<Leads, Error> {
    if path.contains('\0') {
        return Ok(Leads::Nowhere);
    }
    let path = match path.trim_end_matches('/') {
        "" => return Ok(Leads::Somewhere),
        path => path,
    };
    let found = if let Some(file) = path.strip_prefix(PREFIX) {
        when(store::media::by_address(tx, file)?.is_some())
    } else if let Some(name) = first_below(path, "/tag/") {
        match Slug::parse(name) {
            Ok(slug) => when(store::tags::by_slug(tx, &slug)?.is_some()),
            Err(_) => Leads::Nowhere,
        }
    } else if let Some(name) = first_below(path, "/author/") {
        match Slug::parse(name) {
            Ok(slug) => when(store::users::by_slug(tx, &slug)?.is_some()),
            Err(_) => Leads::Nowhere,
        }
    } else if (means.is_page)(path) {
        Leads::Somewhere
    } else {
        of_post(tx, path)?
    };
    if found == Leads::Somewhere || rule_for(tx, path)?.is_none() {
        return Ok(found);
    }
    Ok(Leads::Somewhere)
}

fn of_post(tx: &mut ReadTx<'_>, path: &str) -> Result<Leads, Error> {
    let name = path.trim_start_matches('/');
    // Its text is beside it.
    let name = name.strip_suffix(".md").unwrap_or(name);
    let Ok(slug) = Slug::parse(name) else {
        return Ok(Leads::Nowhere);
    };
    Ok(match store::posts::by_slug(tx, &slug)? {
        Some(post) if post.status.is_readable() => Leads::Somewhere,
        Some(post) => Leads::Hidden(post.status),
        None => Leads::Nowhere,
    })
}

fn first_below<'p>(path: &'p str, above: &str) -> Option<&'p str> {
    path.strip_prefix(above)?.split('/').next()
}

fn when(is_there: bool) -> Leads {
    if is_there {
        Leads::Somewhere
    } else {
        Leads::Nowhere
    }
}

fn decoded(text: &str) -> String {
    let text = percent_encoding::percent_decode_str(text);
    text.decode_utf8_lossy().into_owned()
}
