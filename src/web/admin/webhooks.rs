//! Which programs are told of what happens here: the list, each one with what it was sent, and the test
//! whether something arrives. A secret comes once, as the answer to the form that made it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::accounts::Visitor;
use crate::app::webhooks::{self, Wish};
use crate::app::{self, settings};
use crate::domain::destination::Destination;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::settings::Settings;
use crate::domain::webhook::{Delivery, DeliveryState, Event, MAX_DESCRIPTION_CHARS, Webhook};
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity;
use crate::web::state::Site;

use super::view::{self, Moment};
use super::{again, number, page, problem, refused_page, see_other, words_of};

const HERE: &str = "/admin/webhooks";
const DELIVERIES_PER_PAGE: u32 = 30;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    done: String,
    before: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    word: Event,
    name: &'static str,
    is_chosen: bool,
}

/// What an event is called on the page.
fn told(event: Event) -> &'static str {
    match event {
        Event::PostPublished => "a post or page is published",
        Event::PostUpdated => "a published one is changed",
        Event::PostUnpublished => "it is taken back",
        Event::PostDeleted => "it is deleted for good",
        Event::MediaCreated => "a file is uploaded",
        Event::MediaUpdated => "a file is replaced or described",
        Event::MediaDeleted => "a file is deleted",
        Event::UserCreated => "somebody joins",
        Event::UserUpdated => "something about a person changes",
        Event::UserDeleted => "somebody is removed",
        Event::Ping => "a test",
    }
}

fn choices(is_chosen: impl Fn(Event) -> bool) -> Vec<Choice> {
    let choice = |word| Choice {
        word,
        name: told(word),
        is_chosen: is_chosen(word),
    };
    Event::choices().map(choice).collect()
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    url: String,
    description: String,
    events: usize,
    is_active: bool,
    trouble: Option<String>,
    waiting: u64,
}

#[derive(Debug, Serialize)]
struct List {
    done: Option<&'static str>,
    trouble: Option<String>,
    rows: Vec<Row>,
    /// What was typed, if it was refused.
    url: String,
    description: String,
    choices: Vec<Choice>,
    max_description: usize,
}

#[derive(Debug, Serialize)]
struct DeliveryRow {
    id: String,
    event: Event,
    state: DeliveryState,
    created: Option<Moment>,
    tried: Option<Moment>,
    next: Option<Moment>,
    attempts: u32,
    status: Option<u16>,
    error: Option<String>,
    duration_millis: Option<u32>,
    payload: String,
    may_redeliver: bool,
}

#[derive(Debug, Serialize)]
struct One {
    done: Option<&'static str>,
    trouble: Option<String>,
    /// Shown once.
    secret: Option<String>,
    id: String,
    version: i64,
    url: String,
    is_encrypted: bool,
    description: String,
    is_active: bool,
    switched_off: Option<String>,
    choices: Vec<Choice>,
    max_description: usize,
    deliveries: Vec<DeliveryRow>,
    older: Option<String>,
}

fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "save" => "Saved.",
        "on" => "It is told of what happens from now on.",
        "off" => "It is told of nothing any more; what still waited is given up.",
        "test" => "The test arrived.",
        "redeliver" => "It is sent once more, in a moment.",
        "remove" => "The webhook is removed.",
        _ => return None,
    })
}

pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let done = done(&question.done);
    let made = site.work(move |site| list_html(site, &visitor, done, None, &Fields::default()));
    Ok(page(StatusCode::OK, made.await?))
}

fn list_html(
    site: &Site,
    visitor: &Visitor,
    done: Option<&'static str>,
    trouble: Option<String>,
    typed: &Fields,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let all = webhooks::list(&site.app, &visitor.actor)?;
    let waiting = webhooks::waiting(&site.app, &visitor.actor, &all)?;
    let row = |(webhook, waiting): (Webhook, u64)| Row {
        id: webhook.id.to_string(),
        url: webhook.url.to_string(),
        description: webhook.description,
        events: webhook.events.len(),
        is_active: webhook.active,
        trouble: webhook.trouble,
        waiting,
    };
    let is_typed = trouble.is_some();
    let chosen: Vec<_> = typed.all("event").filter_map(Event::parse).collect();
    let content = List {
        done,
        trouble,
        rows: all.into_iter().zip(waiting).map(row).collect(),
        url: typed.get("url").to_owned(),
        description: typed.get("description").to_owned(),
        choices: choices(|event| !is_typed || chosen.contains(&event)),
        max_description: MAX_DESCRIPTION_CHARS,
    };
    let user = Some(&visitor.user);
    view::render(site, "admin/webhooks.html", &settings, user, &content)
}

/// What a form says a webhook is to be.
fn wish(form: &Fields) -> Result<(Destination, Wish), app::Error> {
    let url = Destination::parse(form.get("url"));
    let url = url.map_err(|error| app::Error::invalid("url", error))?;
    let wish = Wish {
        url: Some(url.clone()),
        description: Some(form.get("description").to_owned()),
        events: Some(form.all("event").filter_map(Event::parse).collect()),
        active: None,
    };
    Ok((url, wish))
}

pub(in crate::web) async fn add(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let visitor = match again::asked(&site, &request, &form).await? {
        Ok(visitor) => visitor,
        Err(asks) => return Ok(asks),
    };
    let made = site.work(move |site| {
        let made = wish(&form)
            .and_then(|(url, wish)| webhooks::create(&site.app, &visitor.actor, url, wish));
        Ok(match made {
            Ok(made) => {
                let (id, secret) = (made.item.id, Some(made.secret));
                Ok(one_html(site, &visitor, id, None, (None, None, secret))?)
            }
            Err(error) => {
                let problem = problem(error);
                let trouble = Some(words_of(&problem));
                Err((list_html(site, &visitor, None, trouble, &form)?, problem))
            }
        })
    });
    Ok(match made.await? {
        Ok(html) => page(StatusCode::OK, html),
        Err((html, problem)) => refused_page(&problem, html),
    })
}

fn id_of(text: &str) -> Result<WebhookId, app::Error> {
    Ok(WebhookId::from_i64(number(text)?))
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let id = id_of(&id)?;
    let before = question.before.parse().ok().map(DeliveryId::from_i64);
    let done = done(&question.done);
    let made = site.work(move |site| one_html(site, &visitor, id, before, (done, None, None)));
    Ok(page(StatusCode::OK, made.await?))
}

/// What stands above the page: what is done, what went wrong, a secret.
type News = (Option<&'static str>, Option<String>, Option<String>);

fn one_html(
    site: &Site,
    visitor: &Visitor,
    id: WebhookId,
    before: Option<DeliveryId>,
    (done, trouble, secret): News,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let webhook = webhooks::show(&site.app, &visitor.actor, id)?;
    // One more than shown tells whether there are older ones.
    let limit = DELIVERIES_PER_PAGE + 1;
    let mut sent = webhooks::deliveries(&site.app, &visitor.actor, id, before, limit)?;
    let has_older = sent.len() > DELIVERIES_PER_PAGE as usize;
    sent.truncate(DELIVERIES_PER_PAGE as usize);
    let content = One {
        done,
        trouble,
        secret,
        id: id.to_string(),
        version: webhook.version,
        url: webhook.url.to_string(),
        is_encrypted: webhook.url.is_encrypted(),
        choices: choices(|event| webhook.wants(event)),
        max_description: MAX_DESCRIPTION_CHARS,
        older: sent
            .last()
            .filter(|_| has_older)
            .map(|last| last.id.to_string()),
        deliveries: sent
            .into_iter()
            .map(|delivery| delivery_row(delivery, webhook.active, &settings))
            .collect(),
        description: webhook.description,
        is_active: webhook.active,
        switched_off: webhook.trouble,
    };
    let user = Some(&visitor.user);
    view::render(site, "admin/webhook.html", &settings, user, &content)
}

fn delivery_row(delivery: Delivery, is_active: bool, settings: &Settings) -> DeliveryRow {
    let moment = |time| Moment::new(time, settings);
    let state = delivery.state();
    DeliveryRow {
        id: delivery.id.to_string(),
        event: delivery.event,
        state,
        created: moment(delivery.created_at),
        tried: delivery.tried_at.and_then(moment),
        next: delivery.next_at.and_then(moment),
        attempts: delivery.attempts,
        status: delivery.status,
        error: delivery.error,
        duration_millis: delivery.duration_millis,
        payload: spread_out(delivery.payload),
        may_redeliver: is_active && delivery.event != Event::Ping,
    }
}

/// JSON as people read it.
fn spread_out(payload: String) -> String {
    let read = serde_json::from_str::<Value>(&payload).ok();
    let written = read.and_then(|read| serde_json::to_string_pretty(&read).ok());
    written.unwrap_or(payload)
}

/// What came of a form.
enum Outcome {
    Done,
    Removed,
    Secret(String),
}

pub(in crate::web) async fn act(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let (form, id) = (form.0, id_of(&id)?);
    let what = form.get("what").to_owned();
    // What changes where things are sent matters; sending them there once more does not.
    let visitor = if matches!(&*what, "test" | "redeliver" | "off") {
        identity::visitor(&site, &request).await?
    } else {
        match again::asked(&site, &request, &form).await? {
            Ok(visitor) => visitor,
            Err(asks) => return Ok(asks),
        }
    };
    let made = site.work(move |site| {
        let shown = |news| one_html(site, &visitor, id, None, news);
        Ok(match carry_out(site, &visitor, id, &form) {
            Ok(Outcome::Secret(secret)) => Ok(Some(shown((None, None, Some(secret)))?)),
            Ok(Outcome::Done) => Ok(None),
            Ok(Outcome::Removed) => Ok(Some(String::new())),
            Err(error @ (app::Error::NotFound | app::Error::Forbidden)) => return Err(error),
            Err(error) => {
                let problem = problem(error);
                let trouble = Some(words_of(&problem));
                Err((shown((None, trouble, None))?, problem))
            }
        })
    });
    Ok(match made.await? {
        Ok(None) => see_other(&format!("{HERE}/{id}?done={what}")),
        Ok(Some(html)) if html.is_empty() => see_other(&format!("{HERE}?done={what}")),
        Ok(Some(html)) => page(StatusCode::OK, html),
        Err((html, problem)) => refused_page(&problem, html),
    })
}

fn carry_out(
    site: &Site,
    visitor: &Visitor,
    id: WebhookId,
    form: &Fields,
) -> Result<Outcome, app::Error> {
    let (app, actor) = (&site.app, &visitor.actor);
    let change = |wish| webhooks::change(app, actor, id, None, wish);
    let switch = |active| Wish {
        active: Some(active),
        ..Wish::default()
    };
    match form.get("what") {
        "on" => drop(change(switch(true))?),
        "off" => drop(change(switch(false))?),
        "test" => {
            let sent = webhooks::ping(app, actor, id, &site.base_url)?;
            if let Some(error) = sent.error {
                return Err(app::Error::Conflict(format!(
                    "The test did not arrive: {error}"
                )));
            }
        }
        "redeliver" => {
            let delivery = DeliveryId::from_i64(number(form.get("delivery"))?);
            webhooks::redeliver(app, actor, id, delivery)?;
        }
        "secret" => {
            return Ok(Outcome::Secret(
                webhooks::renew_secret(app, actor, id)?.secret,
            ));
        }
        "remove" => {
            webhooks::remove(app, actor, id, None)?;
            return Ok(Outcome::Removed);
        }
        _ => {
            let (_, wish) = wish(form)?;
            let version = form.number("version").unwrap_or_default();
            webhooks::change(app, actor, id, Some(&[version]), wish)?;
        }
    }
    Ok(Outcome::Done)
}
