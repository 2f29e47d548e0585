//! What is checked once for the whole site: database, redirects, settings, search. A child of `checkup`.

use crate::db::ReadTx;
use crate::domain::redirect::{REST, Redirect, Target};
use crate::store;

use super::super::reader::{rule_for, with_rest};
use super::super::redirects::{MAX_HOPS, own_path};
use super::super::{App, Error, search as index, settings as verbs};
use super::addresses::{self, Leads};
use super::{BATCH, Means, Part, Report};

/// Changes that the index may not know yet without anybody noticing.
const FEW_CHANGES: u64 = 100;
const REBUILD: &str = "Write the index anew: inkstand reindex";
const REBUILD_OR_START: &str =
    "The next start of the site brings it in step, or now: inkstand reindex";
const SEND_ELSEWHERE: &str =
    "Remove it (inkstand redirect remove), or let it lead somewhere: inkstand redirect add";
const SET: &str = "Set it anew: inkstand settings set, or on the page for it";

pub(super) fn database(app: &App, report: &mut Report) -> Result<(), Error> {
    for fault in app.db.faults()? {
        let advice =
            "Stop the site, keep a copy of its data directory, and restore the newest sound backup";
        report.wrong(Part::Database, "the database", fault, advice);
    }
    Ok(())
}

pub(super) fn redirects(
    app: &App,
    means: &Means<'_>,
    report: &mut Report,
    told: &mut dyn FnMut(Part, u64),
) -> Result<(), Error> {
    let mut offset = 0;
    loop {
        told(Part::Redirects, report.redirects);
        let count = app.db.read(|tx| {
            let page = store::redirects::page(tx, BATCH, offset)?;
            for redirect in &page {
                one_redirect(tx, means, redirect, report)?;
                report.redirects += 1;
            }
            Ok::<_, Error>(page.len())
        })?;
        if count == 0 {
            return Ok(());
        }
        offset += BATCH;
    }
}

fn one_redirect(
    tx: &mut ReadTx<'_>,
    means: &Means<'_>,
    redirect: &Redirect,
    report: &mut Report,
) -> Result<(), Error> {
    let place = redirect.from.clone();
    let to = match &redirect.to {
        Target::Address(to) => to.as_str(),
        Target::Post(id) => {
            match store::posts::by_id(tx, *id)? {
                None => report.wrong(Part::Redirects, place, "Its post is gone", SEND_ELSEWHERE),
                Some(post) if !post.status.is_readable() => {
                    let found =
                        format!("Its post is {}, so readers find nothing there", post.status);
                    report.advice(Part::Redirects, place, found, SEND_ELSEWHERE);
                }
                Some(_) => {}
            }
            return Ok(());
        }
    };
    if to.contains(REST) {
        // Where a whole folder leads depends on what is asked for in it.
        return Ok(());
    }
    let Some(path) = own_path(to, means.base_url).filter(|_| !is_away(to, means)) else {
        return Ok(());
    };
    if goes_in_a_circle(tx, means, &redirect.from, &path)? {
        report.wrong(
            Part::Redirects,
            place,
            format!("By way of {to} it leads in a circle"),
            SEND_ELSEWHERE,
        );
        return Ok(());
    }
    match addresses::of_path(tx, means, &path)? {
        Leads::Nowhere => report.wrong(
            Part::Redirects,
            place,
            format!("It leads to {to}, where nothing is"),
            SEND_ELSEWHERE,
        ),
        Leads::Hidden(status) => report.wrong(
            Part::Redirects,
            place,
            format!("It leads to {to}, a post that is {status}"),
            SEND_ELSEWHERE,
        ),
        Leads::Away | Leads::Somewhere | Leads::Within(_) => {}
    }
    Ok(())
}

fn is_away(to: &str, means: &Means<'_>) -> bool {
    !to.starts_with('/') && !to.starts_with(means.base_url) || to.starts_with("//")
}

fn goes_in_a_circle(
    tx: &mut ReadTx<'_>,
    means: &Means<'_>,
    from: &str,
    to: &str,
) -> Result<bool, Error> {
    let mut path = to.to_owned();
    for _ in 0..MAX_HOPS {
        if path == from {
            return Ok(true);
        }
        let Some((redirect, rest)) = rule_for(tx, &path)? else {
            return Ok(false);
        };
        let Target::Address(next) = redirect.to else {
            return Ok(false);
        };
        let next = with_rest(next.as_str(), rest);
        if is_away(&next, means) {
            return Ok(false);
        }
        match own_path(&next, means.base_url) {
            Some(next) => path = next,
            None => return Ok(false),
        }
    }
    Ok(true)
}

pub(super) fn settings(app: &App, means: &Means<'_>, report: &mut Report) -> Result<(), Error> {
    let settings = verbs::read(app)?;
    if let Err(Error::Invalid(fields)) = verbs::check(&settings) {
        for field in fields {
            report.wrong(Part::Settings, field.field, field.message, SET);
        }
    }
    let mut addresses = Vec::new();
    for (field, address) in [("logo", &settings.logo), ("cover", &settings.cover)] {
        addresses.extend(address.iter().map(|address| (field, address.to_string())));
    }
    for (field, links) in [
        ("navigation", &settings.navigation),
        ("footer_links", &settings.footer_links),
        ("social_links", &settings.social_links),
    ] {
        addresses.extend(links.iter().map(|link| (field, link.url.to_string())));
    }
    app.db.read(|tx| {
        for (field, address) in &addresses {
            match addresses::of(tx, means, address)? {
                Leads::Away | Leads::Somewhere | Leads::Within(_) => {}
                Leads::Hidden(status) => {
                    let found = format!("{address} is a post that is {status}");
                    report.wrong(Part::Settings, *field, found, SET);
                }
                Leads::Nowhere => {
                    report.wrong(
                        Part::Settings,
                        *field,
                        format!("{address} leads nowhere"),
                        SET,
                    );
                }
            }
        }
        Ok(())
    })
}

pub(super) fn search(app: &App, means: &Means<'_>, report: &mut Report) -> Result<(), Error> {
    if let Some(found) = fault_of_index(app)? {
        let place = "the search index";
        if means.is_served {
            report.wrong(Part::Search, place, found, REBUILD);
        } else {
            report.advice(Part::Search, place, found, REBUILD_OR_START);
        }
    }
    Ok(())
}

fn fault_of_index(app: &App) -> Result<Option<String>, Error> {
    let Some(behind) = index::behind(app)? else {
        return Ok(Some("It is empty, lost or damaged".to_owned()));
    };
    if behind > FEW_CHANGES {
        return Ok(Some(format!("It does not know the last {behind} changes")));
    }
    let before = app.db.read(store::changes::newest)?;
    let (found, listed) = (app.index.documents(), index::listed(app)?);
    // What is being published just now may be in one and not yet in the other.
    let is_still = app.db.read(store::changes::newest)? == before;
    let differs = is_still && found.abs_diff(listed) > behind;
    Ok(differs.then(|| format!("It has {found} posts, and readers see {listed}")))
}
