//! Each post: does its text refer to what is there, do its pictures say what there is to see, is what is
//! stored of it made of what it says now? A child of `checkup`.

use crate::db::ReadTx;
use crate::domain::id::PostId;
use crate::domain::post::{Post, Status, StoredRendition};
use crate::domain::settings::Settings;
use crate::render::{self, Manner, Reference};
use crate::store;

use super::super::rendering::Brief;
use super::super::{App, Error};
use super::addresses::{self, Leads};
use super::{BATCH, Means, Part, Report};

const GO_THERE: &str =
    "Correct it: inkstand post edit, or send the address elsewhere: inkstand redirect add";
const DESCRIBE: &str = "Say in the text what there is to see, between the brackets of ![…](…); leave it empty only for \
                        what is there for decoration";
const RENEW: &str =
    "The running site renews it by itself within minutes; if not, see its log for the job “tidy”";

pub(super) fn check(
    app: &App,
    means: &Means<'_>,
    report: &mut Report,
    told: &mut dyn FnMut(Part, u64),
) -> Result<(), Error> {
    let mut after = PostId::from_i64(0);
    loop {
        told(Part::Texts, report.posts);
        let ids = app
            .db
            .read(|tx| store::timeline::ids_after(tx, after, BATCH))?;
        let Some(last) = ids.last() else {
            return Ok(());
        };
        after = *last;
        for id in ids {
            app.db.read(|tx| {
                let settings = store::settings::read(tx)?;
                let post = store::posts::by_id(tx, id)?;
                // What is in the trash may be broken.
                match post.filter(|post| post.status != Status::Trashed) {
                    Some(post) => one(tx, means, &settings, &post, report),
                    None => Ok(()),
                }
            })?;
            report.posts += 1;
            told(Part::Texts, report.posts);
        }
    }
}

fn one(
    tx: &mut ReadTx<'_>,
    means: &Means<'_>,
    settings: &Settings,
    post: &Post,
    report: &mut Report,
) -> Result<(), Error> {
    let content = &post.content;
    let place = format!("/{}", content.slug);
    let brief = Brief::of(tx, content, settings)?;
    let stored = store::renditions::of(tx, post.id)?;
    let is_current = |stored: &StoredRendition| stored.stamp == brief.stamp();
    let html = if let Some(stored) = stored.filter(is_current) {
        stored.html
    } else {
        let found = "What is stored for readers was made under other conditions";
        report.advice(Part::Texts, place.clone(), found, RENEW);
        brief.render(&content.markdown).html
    };
    let mut references = render::references(&html);
    if let Some(cover) = &content.cover {
        let is_described = !cover.alt.trim().is_empty();
        references.all.push(Reference {
            manner: Manner::Picture { is_described },
            address: cover.url.to_string(),
        });
    }
    for reference in &references.all {
        let address = &reference.address;
        if reference.manner
            == (Manner::Picture {
                is_described: false,
            })
        {
            let found = format!("The picture {address} says nothing to those who do not see it");
            report.advice(Part::Texts, place.clone(), found, DESCRIBE);
        }
        let what = match reference.manner {
            Manner::Link => "The link",
            Manner::Picture { .. } => "The picture",
            Manner::File => "The file",
        };
        match addresses::of(tx, means, address)? {
            Leads::Away | Leads::Somewhere => {}
            Leads::Within(id) if id.is_empty() || references.places.contains(&id) => {}
            Leads::Within(_) => {
                let found = format!("{what} {address} names no place in this text");
                report.wrong(Part::Texts, place.clone(), found, GO_THERE);
            }
            Leads::Hidden(status) => {
                let found = format!("{what} {address} leads to a post that is {status}");
                report.wrong(Part::Texts, place.clone(), found, GO_THERE);
            }
            Leads::Nowhere => {
                let found = format!("{what} {address} leads nowhere");
                report.wrong(Part::Texts, place.clone(), found, GO_THERE);
            }
        }
    }
    Ok(())
}
