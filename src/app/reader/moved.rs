//! Where an address leads that has moved: old names of posts, and what the owner sends elsewhere.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::db::ReadTx;
use crate::domain::redirect::{REST, Redirect, Target};
use crate::domain::slug::Slug;
use crate::store::{self, StoreError};

use super::super::redirects::{MAX_HOPS, own_path};
use super::super::{App, Error};
use super::{Found, was_readable};

/// Parents of an address that are asked for a rule about all below them.
const MAX_DEPTH: usize = 20;
/// What may not stand in the path of an address as it is.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Where an address that is nobody's own leads, if it has moved.
pub fn elsewhere(app: &App, path: &str) -> Result<Found, Error> {
    app.db.read(|tx| moved(tx, path))
}

pub(super) fn moved(tx: &mut ReadTx<'_>, path: &str) -> Result<Found, Error> {
    if path.contains('\0') {
        return Err(Error::NotFound);
    }
    let (redirect, rest) = rule_for(tx, path)?.ok_or(Error::NotFound)?;
    let to = match redirect.to {
        Target::Address(address) => {
            let to = with_rest(address.as_str(), rest);
            if leads_back(tx, path, &to)? {
                return Err(Error::NotFound);
            }
            to
        }
        Target::Post(id) => match store::posts::by_id(tx, id)?.ok_or(Error::NotFound)? {
            post if post.status.is_readable() => format!("/{}", post.content.slug),
            post if was_readable(&post) => return Err(Error::Gone),
            _ => return Err(Error::NotFound),
        },
    };
    Ok(Found::Moved {
        // An address in a header is ASCII.
        to: utf8_percent_encode(&to, CONTROLS).to_string(),
        permanent: redirect.permanent,
    })
}

/// Whether readers would come back to where they began. Rules are checked when they are made, but one
/// about a folder and one about an address in another can lead to each other for that address alone.
fn leads_back(tx: &mut ReadTx<'_>, from: &str, to: &str) -> Result<bool, StoreError> {
    let mut next = own_path(to, "");
    for _ in 0..MAX_HOPS {
        let Some(path) = next else { return Ok(false) };
        if path == from {
            return Ok(true);
        }
        if is_read_at(tx, &path)? {
            return Ok(false);
        }
        next = match rule_for(tx, &path)? {
            Some((redirect, rest)) => match redirect.to {
                Target::Address(address) => own_path(&with_rest(address.as_str(), rest), ""),
                Target::Post(_) => None,
            },
            None => None,
        };
    }
    Ok(true)
}

fn is_read_at(tx: &mut ReadTx<'_>, path: &str) -> Result<bool, StoreError> {
    let Ok(slug) = Slug::parse(path.trim_start_matches('/')) else {
        return Ok(false);
    };
    let post = store::posts::by_slug(tx, &slug)?;
    Ok(post.is_some_and(|post| post.status.is_readable()))
}

/// The rule about this address and what it leaves over: one that names it, else the one about the
/// nearest of its parents (`/old/*`). Each is one look into an index.
pub(in crate::app) fn rule_for<'a>(
    tx: &mut ReadTx<'_>,
    path: &'a str,
) -> Result<Option<(Redirect, &'a str)>, StoreError> {
    if let Some(redirect) = store::redirects::by_path(tx, path)? {
        return Ok(Some((redirect, "")));
    }
    let slashes = path.rmatch_indices('/').map(|(at, _)| at);
    for at in slashes.take(MAX_DEPTH) {
        let (parent, rest) = path.split_at(at + 1);
        let rule = format!("{parent}{REST}");
        if let Some(redirect) = store::redirects::by_path(tx, &rule)? {
            return Ok(Some((redirect, rest)));
        }
    }
    Ok(None)
}

/// Puts the rest where the target's `*` stands. The target begins with a host or a path of ours, so
/// whatever the rest says, it stays there.
pub(in crate::app) fn with_rest(target: &str, rest: &str) -> String {
    let rest = rest.trim_start_matches('/');
    let rest = utf8_percent_encode(rest, NOT_IN_PATHS).to_string();
    target.replacen(REST, &rest, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_stays_a_rest() {
        assert_eq!(with_rest("/new/*", "a/b c?d"), "/new/a/b%20c%3Fd");
        assert_eq!(with_rest("/*", "/evil.example"), "/evil.example");
        assert_eq!(with_rest("/*", "\\evil"), "/%5Cevil");
        assert_eq!(
            with_rest("https://example.org/x", "y"),
            "https://example.org/x"
        );
        assert_eq!(
            with_rest("https://example.org/*", "a*"),
            "https://example.org/a*"
        );
    }
}
