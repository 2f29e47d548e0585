//! Addresses the owner sends elsewhere. No chain of them may come back to where it began.

use percent_encoding::percent_decode_str;

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::RedirectId;
use crate::domain::redirect::{REST, Target};
use crate::domain::text::WebAddress;
use crate::store;

use super::reader::{rule_for, with_rest};
use super::{App, Error, require};

/// Longer chains are refused: browsers give up at about twenty.
pub(super) const MAX_HOPS: usize = 10;

/// Sends `from` to `to`. `base_url` is the site's own address, without a slash at its end.
pub fn create(
    app: &App,
    actor: &Actor,
    from: &str,
    to: &WebAddress,
    permanent: bool,
    base_url: &str,
) -> Result<RedirectId, Error> {
    require(actor, Act::ManageRedirects)?;
    let from = WebAddress::parse(from)
        .ok()
        .and_then(|address| own_path(address.as_str(), base_url))
        .ok_or_else(|| Error::invalid("from", "Write a path on this site, like /old-name"))?;
    check_rest(&from, to)?;
    app.db.write(|tx| {
        refuse_circle(tx, &from, to, base_url)?;
        let id = store::redirects::put(tx, &from, &Target::Address(to.clone()), permanent)?;
        tx.record(Change::visible(Noun::Redirect, id.as_i64(), Verb::Created));
        Ok(id)
    })
}

/// A `*` stands for everything below a path, so only at its end; and a target has one only for that.
fn check_rest(from: &str, to: &WebAddress) -> Result<(), Error> {
    let above = from.strip_suffix(REST);
    if above.unwrap_or(from).contains(REST) || above.is_some_and(|above| !above.ends_with('/')) {
        return Err(Error::invalid(
            "from",
            "Put the * at the end, after a slash, like /old/*",
        ));
    }
    let stars = to.as_str().matches(REST).count();
    let path = to
        .as_str()
        .split_once("://")
        .map_or(to.as_str(), |(_, rest)| rest);
    let host = path.split('/').next().unwrap_or_default();
    if stars > usize::from(above.is_some()) || host.contains(REST) {
        return Err(Error::invalid(
            "to",
            "A target has one * in its path, and only where the old address ends with /*",
        ));
    }
    Ok(())
}

fn refuse_circle(
    tx: &mut WriteTx<'_>,
    from: &str,
    to: &WebAddress,
    base_url: &str,
) -> Result<(), Error> {
    let mut next = own_path(to.as_str(), base_url);
    for _ in 0..MAX_HOPS {
        let Some(path) = next else { return Ok(()) };
        if path == from
            || from
                .strip_suffix(REST)
                .is_some_and(|above| path.starts_with(above))
        {
            return Err(Error::invalid("to", "This would lead in a circle"));
        }
        next = match rule_for(tx, &path)? {
            Some((redirect, rest)) => match redirect.to {
                Target::Address(address) => own_path(&with_rest(address.as_str(), rest), base_url),
                Target::Post(_) => None,
            },
            None => None,
        };
    }
    Err(Error::invalid(
        "to",
        "Too many redirects one after the other; point it at the last",
    ))
}

/// The path of an address on this site, decoded, without query and fragment; `None` for other
/// sites.
pub(super) fn own_path(text: &str, base_url: &str) -> Option<String> {
    let path = text.strip_prefix(base_url).unwrap_or(text);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8().ok()?;
    match &*path {
        "" => Some("/".to_owned()),
        path if path.starts_with('/') => Some(path.to_owned()),
        _ => None,
    }
}
