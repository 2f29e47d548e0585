//! Where somebody arrives who has signed in: what they were at, what comes next, and what a new site
//! still lacks.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app::{self, posts};
use crate::domain::actor::{Act, Actor};
use crate::domain::post::{Kind, Status};
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::state::Site;

use super::desk::Row;
use super::show;

const ROWS: u32 = 5;

#[derive(Debug, Serialize)]
struct Step {
    what: &'static str,
    why: &'static str,
    address: &'static str,
    is_done: bool,
}

#[derive(Debug, Serialize)]
struct Content {
    drafts: Vec<Row>,
    scheduled: Vec<Row>,
    recent: Vec<Row>,
    /// Empty once all is done, and for those who cannot do it.
    steps: Vec<Step>,
    is_safe_mode: bool,
}

pub(in crate::web) async fn show_home(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, "admin/home.html", content).await
}

fn content(site: &Site, actor: &Actor, settings: &Settings) -> Result<Content, app::Error> {
    let lying = |kind, status| {
        let wish = posts::Wish {
            kind,
            status: Some(status),
            tag: None,
            words: String::new(),
            limit: ROWS,
            offset: 0,
        };
        let found = posts::desk(&site.app, actor, &wish)?;
        Ok::<Vec<Row>, app::Error>(found.iter().map(|post| Row::new(post, settings)).collect())
    };
    let recent = lying(Kind::Post, Status::Published)?;
    let pages = lying(Kind::Page, Status::Published)?;
    let steps = if actor.may(Act::ManageSettings) {
        steps(site, settings, !recent.is_empty(), !pages.is_empty())
    } else {
        Vec::new()
    };
    Ok(Content {
        drafts: lying(Kind::Post, Status::Draft)?,
        scheduled: lying(Kind::Post, Status::Scheduled)?,
        recent,
        is_safe_mode: settings.safe_mode,
        steps: if steps.iter().all(|step| step.is_done) {
            Vec::new()
        } else {
            steps
        },
    })
}

fn steps(site: &Site, settings: &Settings, has_post: bool, has_page: bool) -> Vec<Step> {
    let first = Settings::default();
    let step = |what, why, address, is_done| Step {
        what,
        why,
        address,
        is_done,
    };
    vec![
        step(
            "Say what the site is about",
            "One sentence, under the title and for search engines",
            "/admin/appearance#description",
            settings.title != first.title && !settings.description.is_empty(),
        ),
        step(
            "Choose the time zone",
            "Dates and schedules are told in it",
            "/admin/appearance#time_zone",
            settings.time_zone != first.time_zone,
        ),
        step(
            "Publish a first post",
            "It takes two minutes",
            "/admin/new",
            has_post,
        ),
        step(
            "Tell who you are",
            "A page like “About”, and a link to it",
            "/admin/new?kind=page",
            has_page,
        ),
        step(
            "Come by HTTPS",
            "Passwords and readers are safe only then",
            "/admin/system",
            site.base_url.starts_with("https://"),
        ),
    ]
}
