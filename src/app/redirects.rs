//! Addresses the owner sends elsewhere. No chain of them may come back to where it began.

use percent_encoding::percent_decode_str;

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::RedirectId;
use crate::domain::redirect::Target;
use crate::domain::text::WebAddress;
use crate::store;

use super::{App, Error, require};

/// Longer chains are refused: browsers give up at about twenty.
const MAX_HOPS: usize = 10;

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
        .and_then(|address| own_path(&address, base_url))
        .ok_or_else(|| Error::invalid("from", "Write a path on this site, like /old-name"))?;
    app.db.write(|tx| {
        refuse_circle(tx, &from, to, base_url)?;
        let id = store::redirects::put(tx, &from, &Target::Address(to.clone()), permanent)?;
        tx.record(Change::visible(Noun::Redirect, id.as_i64(), Verb::Created));
        Ok(id)
    })
}

fn refuse_circle(
    tx: &mut WriteTx<'_>,
    from: &str,
    to: &WebAddress,
    base_url: &str,
) -> Result<(), Error> {
    let mut next = own_path(to, base_url);
    for _ in 0..MAX_HOPS {
        let Some(path) = next else { return Ok(()) };
        if path == from {
            return Err(Error::invalid("to", "This would lead in a circle"));
        }
        next = match store::redirects::by_path(tx, &path)? {
            Some(redirect) => match redirect.to {
                Target::Address(address) => own_path(&address, base_url),
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
fn own_path(address: &WebAddress, base_url: &str) -> Option<String> {
    let text = address.as_str();
    let path = text.strip_prefix(base_url).unwrap_or(text);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8().ok()?;
    match &*path {
        "" => Some("/".to_owned()),
        path if path.starts_with('/') => Some(path.to_owned()),
        _ => None,
    }
}
