//! The record of sensitive acts, as those read it who look after the site.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::audit::{self, Filter};
use crate::app::{people, settings};
use crate::domain::id::UserId;
use crate::web::error::Error;
use crate::web::identity;
use crate::web::state::Site;

use super::page;
use super::view::{self, Moment};

const ENTRIES_PER_PAGE: u32 = 50;
/// Deeper is what the filters are for.
const MAX_PAGE: u32 = 10_000;

/// What is recorded, and how it is told. Others are shown by their own word.
const ACTS: &[(&str, &str)] = &[
    ("session.create", "signed in"),
    ("session.end", "ended a sign-in"),
    ("recovery-code.use", "used a recovery code"),
    ("user.set-password", "got a new password"),
    ("user.email", "changed their e-mail address"),
    ("passkey.add", "added a passkey"),
    ("passkey.remove", "removed a passkey"),
    ("second-factor.on", "turned codes on"),
    ("second-factor.off", "turned codes off"),
    ("recovery-codes.renew", "made new recovery codes"),
    ("token.create", "made a token"),
    ("client.allow", "let a program in"),
    ("token.revoke", "ended a token"),
    ("site.claim", "claimed the site"),
    ("invitation.create", "invited somebody"),
    ("invitation.revoke", "took an invitation back"),
    ("invitation.accept", "joined"),
    ("user.create", "made an account"),
    ("user.role", "changed a role"),
    ("user.suspend", "suspended somebody"),
    ("user.readmit", "let somebody in again"),
    ("user.delete", "removed somebody"),
    ("user.hand-over", "handed the site over"),
    ("settings.change", "changed the settings"),
    ("system.update", "asked for an update"),
    ("post.published", "published a post"),
    ("post.scheduled", "scheduled a post"),
    ("post.draft", "took a post back"),
    ("post.unlisted", "published a post without listing it"),
    ("post.private", "made a post private"),
    ("post.trashed", "put a post into the trash"),
    ("post.delete", "deleted a post"),
    ("post.share", "shared a draft"),
    ("post.unshare", "ended the sharing of a draft"),
    ("media.delete", "deleted a file"),
    ("tag.merge", "merged two tags"),
    ("tag.delete", "deleted a tag"),
    ("redirect.create", "sent an address elsewhere"),
    ("redirect.delete", "took a redirect back"),
    ("webhook.create", "added a webhook"),
    ("webhook.change", "changed a webhook"),
    ("webhook.secret", "made another secret for a webhook"),
    ("webhook.delete", "removed a webhook"),
    (
        "webhook.gone",
        "switched a webhook off, whose server is gone for good",
    ),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    who: String,
    act: String,
    page: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    word: String,
    name: String,
    is_chosen: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    who: String,
    told: String,
    at: Option<Moment>,
    address: String,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Content {
    people: Vec<Choice>,
    acts: Vec<Choice>,
    rows: Vec<Row>,
    who: String,
    act: String,
    newer: Option<u32>,
    older: Option<u32>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let question = question.into_inner();
    let number = question.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let everybody = people::list(&site.app, &visitor.actor)?;
        let filter = Filter {
            user: question.who.parse().ok().map(UserId::from_i64),
            act: Some(question.act.clone()).filter(|act| !act.is_empty()),
        };
        // One more than shown tells whether there are older ones.
        let (limit, offset) = (ENTRIES_PER_PAGE + 1, (number - 1) * ENTRIES_PER_PAGE);
        let found = audit::list(&site.app, &visitor.actor, &filter, limit, offset)?;
        let name_of = |id: UserId| {
            let known = everybody.iter().find(|user| user.id == id);
            known.map_or_else(
                || "Somebody who is gone".to_owned(),
                |user| user.name.to_string(),
            )
        };
        let shown = found.iter().take(ENTRIES_PER_PAGE as usize);
        let content = Content {
            rows: shown
                .map(|entry| Row {
                    who: entry.user.map_or_else(|| "The shell".to_owned(), name_of),
                    told: told(&entry.act).to_owned(),
                    at: Moment::new(entry.at, &settings),
                    address: entry.address.clone(),
                    detail: entry.detail.clone(),
                })
                .collect(),
            people: everybody
                .iter()
                .map(|user| Choice {
                    word: user.id.to_string(),
                    name: user.name.to_string(),
                    is_chosen: Some(user.id) == filter.user,
                })
                .collect(),
            acts: ACTS
                .iter()
                .map(|(word, name)| Choice {
                    word: (*word).to_owned(),
                    name: (*name).to_owned(),
                    is_chosen: *word == question.act,
                })
                .collect(),
            newer: (number > 1).then(|| number - 1),
            older: (found.len() > ENTRIES_PER_PAGE as usize && number < MAX_PAGE)
                .then_some(number + 1),
            who: question.who,
            act: question.act,
        };
        let user = Some(&visitor.user);
        view::render(site, "admin/audit.html", &settings, user, &content)
    });
    Ok(page(StatusCode::OK, made.await?))
}

fn told(act: &str) -> &str {
    let known = ACTS.iter().find(|(word, _)| *word == act);
    known.map_or(act, |(_, told)| told)
}
