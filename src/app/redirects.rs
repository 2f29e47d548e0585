//! Addresses the owner sends elsewhere. No chain of them may come back to where it began.

use percent_encoding::percent_decode_str;

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::RedirectId;
use crate::domain::redirect::{Missing, REST, Redirect, Target};
use crate::domain::text::WebAddress;
use crate::store;

use super::reader::{rule_for, with_rest};
use super::{App, Error, accounts, require};

/// Addresses nobody found that are remembered.
const MISSING_KEPT: u32 = 1000;
/// Redirects read in one step.
const BATCH_RULES: u32 = 500;
/// Longer addresses and referrers are noise.
const MAX_MISSING_BYTES: usize = 300;

mod rules;

pub use rules::{Wish, add, missing_after, older, remove_if, rewrite, show};

/// What the owner sees of a redirect: where it leads, in words.
#[derive(Debug)]
pub struct Rule {
    pub redirect: Redirect,
    /// The address it leads to today.
    pub to: String,
}

impl Rule {
    /// `None`: the post has gone while this was read.
    fn of(tx: &mut ReadTx<'_>, redirect: Redirect) -> Result<Option<Self>, Error> {
        let to = match &redirect.to {
            Target::Address(address) => address.to_string(),
            Target::Post(post) => match store::posts::by_id(tx, *post)? {
                Some(post) => format!("/{}", post.content.slug),
                None => return Ok(None),
            },
        };
        Ok(Some(Self { redirect, to }))
    }
}

/// All redirects, the newest first.
pub fn list(app: &App, actor: &Actor, limit: u32, offset: u32) -> Result<Vec<Rule>, Error> {
    require(actor, Act::ManageRedirects)?;
    app.db.read(|tx| {
        let mut rules = Vec::new();
        for redirect in store::redirects::page(tx, limit, offset)? {
            rules.extend(Rule::of(tx, redirect)?);
        }
        Ok(rules)
    })
}

/// The redirect from exactly this path, if there is one.
pub fn find(app: &App, actor: &Actor, from: &str) -> Result<Option<Redirect>, Error> {
    require(actor, Act::ManageRedirects)?;
    Ok(app.db.read(|tx| store::redirects::by_path(tx, from))?)
}

/// What became of a list of redirects.
#[derive(Debug, Default, Clone)]
pub struct Imported {
    pub taken: usize,
    /// Line and reason.
    pub refused: Vec<(u64, String)>,
}

/// Reads redirects as comma-separated values: from, to, and optionally permanent or temporary. A first
/// line with names is skipped; what cannot be taken is told, and the others are taken.
pub fn import(app: &App, actor: &Actor, csv: &str, base_url: &str) -> Result<Imported, Error> {
    require(actor, Act::ManageRedirects)?;
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(csv.as_bytes());
    let mut imported = Imported::default();
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                imported.refused.push((line, error.to_string()));
                continue;
            }
        };
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).unwrap_or_default();
        if row.iter().all(str::is_empty) || (line == 1 && cell(0).eq_ignore_ascii_case("from")) {
            continue;
        }
        let permanent = !matches!(cell(2), "temporary" | "false" | "302" | "307");
        let taken = match WebAddress::parse(cell(1)) {
            Ok(to) => create(app, actor, cell(0), &to, permanent, base_url).map(drop),
            Err(error) => Err(Error::invalid("to", error)),
        };
        match taken {
            Ok(()) => imported.taken += 1,
            Err(Error::Invalid(wrong)) => {
                let why = wrong.into_iter().map(|error| error.message);
                let why = why.collect::<Vec<_>>().join("; ");
                imported.refused.push((line, why));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(imported)
}

/// All redirects, as [`import`] reads them.
pub fn export(app: &App, actor: &Actor) -> Result<String, Error> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["from", "to", "kind"])
        .map_err(Error::internal)?;
    let mut offset = 0;
    loop {
        let batch = list(app, actor, BATCH_RULES, offset)?;
        if batch.is_empty() {
            break;
        }
        offset += BATCH_RULES;
        for rule in batch {
            let kind = if rule.redirect.permanent {
                "permanent"
            } else {
                "temporary"
            };
            rows.write_record([&rule.redirect.from, &rule.to, kind])
                .map_err(Error::internal)?;
        }
    }
    let bytes = rows
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

pub fn remove(app: &App, actor: &Actor, id: RedirectId) -> Result<(), Error> {
    remove_if(app, actor, id, |_| Ok(()))
}

/// Keeps what readers asked for in vain: addresses with how often, and where the last one came from.
/// No verb of anybody's; costs one transaction for many.
pub fn note_missing(app: &App, noted: &[(String, u32, Option<String>)]) -> Result<(), Error> {
    app.db.write(|tx| {
        tx.quiet("what was not found is not news");
        for (path, hits, referrer) in noted {
            if path.len() <= MAX_MISSING_BYTES {
                let referrer = referrer.as_deref();
                let referrer = referrer.filter(|text| text.len() <= MAX_MISSING_BYTES);
                store::missing::note(tx, path, *hits, referrer)?;
            }
        }
        Ok(store::missing::forget_oldest(tx, MISSING_KEPT)?)
    })
}

/// What readers asked for in vain, the most wanted first.
pub fn missing(app: &App, actor: &Actor, limit: u32) -> Result<Vec<Missing>, Error> {
    require(actor, Act::ManageRedirects)?;
    Ok(app.db.read(|tx| store::missing::most_wanted(tx, limit))?)
}

pub fn forget_missing(app: &App, actor: &Actor, path: &str) -> Result<(), Error> {
    require(actor, Act::ManageRedirects)?;
    if path.is_empty() {
        return Err(Error::invalid("path", "Say which address to forget"));
    }
    app.db.write(|tx| {
        tx.quiet("what was not found is not news");
        store::missing::forget(tx, path)?;
        Ok(())
    })
}

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
    let from = path_from(from, base_url)?;
    check_rest(&from, to)?;
    app.db.write(|tx| {
        refuse_circle(tx, &from, to, base_url)?;
        let id = store::redirects::put(tx, &from, &Target::Address(to.clone()), permanent)?;
        store::missing::forget(tx, &from)?;
        let told = format!("{from} → {to}");
        let number = id.as_i64();
        accounts::audit(tx, actor, "redirect.create", Noun::Redirect, number, &told)?;
        tx.record(Change::visible(Noun::Redirect, id.as_i64(), Verb::Created));
        Ok(id)
    })
}

fn path_from(from: &str, base_url: &str) -> Result<String, Error> {
    WebAddress::parse(from)
        .ok()
        .and_then(|address| own_path(address.as_str(), base_url))
        .ok_or_else(|| Error::invalid("from", "Write a path on this site, like /old-name"))
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
