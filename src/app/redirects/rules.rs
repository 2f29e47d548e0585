//! Single redirects, for who changes them one by one: looked at, made, changed, removed, each against what
//! stood there before.

use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::RedirectId;
use crate::domain::place::{Place, Stretch};
use crate::domain::redirect::{Missing, Redirect, Target};
use crate::domain::text::WebAddress;
use crate::store;

use super::super::{App, Error, accounts, require};
use super::{Rule, check_rest, path_from, refuse_circle};

/// A redirect as somebody wants it. `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub from: Option<String>,
    pub to: Option<WebAddress>,
    pub permanent: Option<bool>,
}

/// Redirects, the newest first.
pub fn older(app: &App, actor: &Actor, after: Place, limit: u32) -> Result<Stretch<Rule>, Error> {
    require(actor, Act::ManageRedirects)?;
    app.db.read(|tx| {
        let before = RedirectId::from_i64(after.id);
        let found = store::redirects::older(tx, before, limit + 1)?;
        let place = |redirect: &Redirect| Place::behind_id(redirect.id.as_i64());
        let Stretch { items, next } = Stretch::of(found, limit, place);
        let mut rules = Vec::with_capacity(items.len());
        for redirect in items {
            rules.extend(Rule::of(tx, redirect)?);
        }
        Ok(Stretch { items: rules, next })
    })
}

pub fn show(app: &App, actor: &Actor, id: RedirectId) -> Result<Rule, Error> {
    require(actor, Act::ManageRedirects)?;
    app.db.read(|tx| {
        let redirect = store::redirects::by_id(tx, id)?.ok_or(Error::NotFound)?;
        Rule::of(tx, redirect)?.ok_or(Error::NotFound)
    })
}

/// Makes a redirect from where none is yet. `base_url` is the site's own address, without a slash at its end.
pub fn add(
    app: &App,
    actor: &Actor,
    from: &str,
    to: &WebAddress,
    permanent: bool,
    base_url: &str,
) -> Result<Rule, Error> {
    require(actor, Act::ManageRedirects)?;
    let from = path_from(from, base_url)?;
    check_rest(&from, to)?;
    app.db.write(|tx| {
        if store::redirects::by_path(tx, &from)?.is_some() {
            return Err(taken(&from));
        }
        refuse_circle(tx, &from, to, base_url)?;
        let id = store::redirects::put(tx, &from, &Target::Address(to.clone()), permanent)?;
        store::missing::forget(tx, &from)?;
        let told = format!("{from} → {to}");
        let number = id.as_i64();
        accounts::audit(tx, actor, "redirect.create", Noun::Redirect, number, &told)?;
        tx.record(Change::visible(Noun::Redirect, number, Verb::Created));
        let redirect = store::redirects::by_id(tx, id)?.ok_or(Error::NotFound)?;
        Rule::of(tx, redirect)?.ok_or(Error::NotFound)
    })
}

fn taken(from: &str) -> Error {
    Error::Conflict(format!(
        "there is a redirect from {from} already; change that one"
    ))
}

/// Changes a redirect, as `decide` says of what it is now.
pub fn rewrite(
    app: &App,
    actor: &Actor,
    id: RedirectId,
    base_url: &str,
    decide: impl FnOnce(&Rule) -> Result<Wish, Error>,
) -> Result<Rule, Error> {
    require(actor, Act::ManageRedirects)?;
    app.db.write(|tx| {
        let redirect = store::redirects::by_id(tx, id)?.ok_or(Error::NotFound)?;
        let before = Rule::of(tx, redirect)?.ok_or(Error::NotFound)?;
        let wish = decide(&before)?;
        let old = &before.redirect;
        let from = match &wish.from {
            Some(from) => path_from(from, base_url)?,
            None => old.from.clone(),
        };
        let after = Redirect {
            to: wish.to.map_or_else(|| old.to.clone(), Target::Address),
            permanent: wish.permanent.unwrap_or(old.permanent),
            from,
            ..old.clone()
        };
        if after == *old {
            tx.quiet("nothing was changed");
            return Ok(before);
        }
        let holder = store::redirects::by_path(tx, &after.from)?;
        if holder.is_some_and(|holder| holder.id != id) {
            return Err(taken(&after.from));
        }
        if let Target::Address(to) = &after.to {
            check_rest(&after.from, to)?;
            refuse_circle(tx, &after.from, to, base_url)?;
        }
        store::redirects::update(tx, &after)?;
        store::missing::forget(tx, &after.from)?;
        let after = Rule::of(tx, after)?.ok_or(Error::NotFound)?;
        let told = format!("{} → {}", after.redirect.from, after.to);
        let number = id.as_i64();
        accounts::audit(tx, actor, "redirect.change", Noun::Redirect, number, &told)?;
        tx.record(Change::visible(Noun::Redirect, number, Verb::Updated));
        Ok(after)
    })
}

/// Removes a redirect that `agree` agrees to.
pub fn remove_if(
    app: &App,
    actor: &Actor,
    id: RedirectId,
    agree: impl FnOnce(&Rule) -> Result<(), Error>,
) -> Result<(), Error> {
    require(actor, Act::ManageRedirects)?;
    app.db.write(|tx| {
        let redirect = store::redirects::by_id(tx, id)?.ok_or(Error::NotFound)?;
        let gone = Rule::of(tx, redirect)?.ok_or(Error::NotFound)?;
        agree(&gone)?;
        store::redirects::delete(tx, id)?;
        let (number, from) = (id.as_i64(), &gone.redirect.from);
        accounts::audit(tx, actor, "redirect.delete", Noun::Redirect, number, from)?;
        tx.record(Change::visible(Noun::Redirect, number, Verb::Deleted));
        Ok(())
    })
}

/// What readers asked for in vain, the most wanted first. A place is how often the last one was asked for,
/// and how many of those there were.
pub fn missing_after(
    app: &App,
    actor: &Actor,
    after: Place,
    limit: u32,
) -> Result<Stretch<Missing>, Error> {
    require(actor, Act::ManageRedirects)?;
    let (hits, skipped) = if after == Place::START {
        (u32::MAX, 0)
    } else {
        let hits = u32::try_from(after.key).unwrap_or_default();
        (hits, u32::try_from(after.id).unwrap_or_default())
    };
    let found = app
        .db
        .read(|tx| store::missing::wanted_less(tx, hits, limit + 1, skipped))?;
    let Stretch { items, next } = Stretch::of(found, limit, |last| Place {
        key: i64::from(last.hits),
        id: 0,
    });
    let next = next.map(|place| {
        let alike = items.iter().filter(|one| i64::from(one.hits) == place.key);
        let mut id = i64::try_from(alike.count()).unwrap_or_default();
        if place.key == i64::from(hits) {
            id += i64::from(skipped);
        }
        Place { id, ..place }
    });
    Ok(Stretch { items, next })
}
