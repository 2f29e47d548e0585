//! Addresses that lead elsewhere, and those readers asked for in vain.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::redirects::{self, Imported};
use crate::app::{self, reader};
use crate::domain::actor::Actor;
use crate::domain::id::RedirectId;
use crate::domain::settings::Settings;
use crate::domain::text::WebAddress;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::identity;
use crate::web::state::Site;

use super::view::Moment;
use super::{Outcome, number, obey, show};

const HERE: &str = "/admin/redirects";
const TEMPLATE: &str = "admin/redirects.html";
const ROWS_PER_PAGE: u32 = 100;
const MAX_PAGE: u32 = 1000;
const MISSING_SHOWN: u32 = 30;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    page: String,
    taken: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Form {
    what: String,
    id: String,
    from: String,
    to: String,
    temporary: String,
    csv: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    from: String,
    to: String,
    is_permanent: bool,
}

#[derive(Debug, Serialize)]
struct MissingRow {
    path: String,
    hits: u32,
    referrer: Option<String>,
    seen: Option<Moment>,
    /// A post whose words are like the address.
    perhaps: Option<String>,
}

#[derive(Debug, Serialize)]
struct Content {
    rows: Vec<Row>,
    missing: Vec<MissingRow>,
    newer: Option<u32>,
    older: Option<u32>,
    form: Form,
    taken: Option<usize>,
    refused: Vec<(u64, String)>,
}

pub(in crate::web) async fn show_all(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let page = question.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
    let taken = question.taken.parse().ok();
    show(&request, &site, TEMPLATE, move |site, actor, settings| {
        let imported = Imported::default();
        let mut content = content(site, actor, settings, page, Form::default(), imported)?;
        content.taken = taken;
        Ok(content)
    })
    .await
}

fn content(
    site: &Site,
    actor: &Actor,
    settings: &Settings,
    page: u32,
    form: Form,
    imported: Imported,
) -> Result<Content, app::Error> {
    // What was counted a moment ago is to be seen.
    site.missing.write_down(&site.app);
    let offset = (page - 1) * ROWS_PER_PAGE;
    let mut found = redirects::list(&site.app, actor, ROWS_PER_PAGE + 1, offset)?;
    let has_older = found.len() > ROWS_PER_PAGE as usize;
    found.truncate(ROWS_PER_PAGE as usize);
    let missing = redirects::missing(&site.app, actor, MISSING_SHOWN)?;
    let missing = missing.into_iter().map(|missing| MissingRow {
        perhaps: perhaps(site, &missing.path),
        seen: Moment::new(missing.seen_at, settings),
        path: missing.path,
        hits: missing.hits,
        referrer: missing.referrer,
    });
    let rows = found.into_iter().map(|rule| Row {
        id: rule.redirect.id.to_string(),
        from: rule.redirect.from,
        to: rule.to,
        is_permanent: rule.redirect.permanent,
    });
    Ok(Content {
        rows: rows.collect(),
        missing: missing.collect(),
        newer: (page > 1).then(|| page - 1),
        older: has_older.then_some(page + 1),
        form,
        taken: (imported.taken > 0).then_some(imported.taken),
        refused: imported.refused,
    })
}

/// The address of the first thing a search for the words of a path finds.
fn perhaps(site: &Site, path: &str) -> Option<String> {
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    let last = last.split('.').next()?;
    let words = last.replace(|letter: char| !letter.is_alphanumeric(), " ");
    if words.trim().is_empty() {
        return None;
    }
    let found = reader::search(&site.app, &words, 1, false).ok()?;
    let first = found.hits.first()?;
    Some(format!("/{}", first.teaser.summary.slug))
}

pub(in crate::web) async fn change(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Form>,
) -> Result<HttpResponse, Error> {
    obey(&request, &site, TEMPLATE, move |site, actor, settings| {
        let OwnForm(form) = form;
        let app = &site.app;
        let done = match form.what.as_str() {
            "remove" => redirects::remove(app, actor, RedirectId::from_i64(number(&form.id)?))
                .map(|()| Imported::default()),
            "forget" => {
                redirects::forget_missing(app, actor, &form.from).map(|()| Imported::default())
            }
            "import" => redirects::import(app, actor, &form.csv, &site.base_url),
            _ => add(site, actor, &form).map(|()| Imported::default()),
        };
        match done {
            Ok(imported) if imported.refused.is_empty() => {
                Ok(Outcome::Done(match imported.taken {
                    0 => HERE.to_owned(),
                    taken => format!("{HERE}?taken={taken}"),
                }))
            }
            Ok(imported) => {
                let content = content(site, actor, settings, 1, form, imported)?;
                Ok(Outcome::Again(Vec::new(), content))
            }
            Err(app::Error::Invalid(wrong)) => {
                let imported = Imported::default();
                let content = content(site, actor, settings, 1, form, imported)?;
                Ok(Outcome::Again(wrong, content))
            }
            Err(error) => Err(error),
        }
    })
    .await
}

fn add(site: &Site, actor: &Actor, form: &Form) -> Result<(), app::Error> {
    let to = WebAddress::parse(&form.to).map_err(|error| app::Error::invalid("to", error))?;
    let permanent = form.temporary.is_empty();
    redirects::create(&site.app, actor, &form.from, &to, permanent, &site.base_url).map(drop)
}

/// All of them as a file.
pub(in crate::web) async fn export(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let (actor, _) = identity::signed_in(&site, &request).await?;
    let csv = site.work(move |site| redirects::export(&site.app, &actor));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"redirects.csv\"",
        ))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(csv.await?))
}
