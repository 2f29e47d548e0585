//! What somebody says of themselves, and where readers find it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::people::{self, Profile};
use crate::app::settings;
use crate::domain::text::WebAddress;
use crate::domain::user::User;
use crate::web::error::{Error, Problem};
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity;
use crate::web::state::Site;

use super::{again, page, problem, refused_page, see_other, view, words_of};

const HERE: &str = "/admin/profile";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    saved: String,
}

#[derive(Debug, Serialize)]
struct Content {
    name: String,
    email: String,
    slug: String,
    bio: String,
    website: String,
    is_saved: bool,
    trouble: Option<String>,
    wrong: Option<&'static str>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let (_, user) = identity::signed_in(&site, &request).await?;
    let profile = Profile {
        name: user.name.as_str().to_owned(),
        email: user.email.as_str().to_owned(),
        slug: user.slug.as_str().to_owned(),
        bio: user.bio.clone(),
        website: user
            .website
            .as_ref()
            .map_or("", WebAddress::as_str)
            .to_owned(),
    };
    let is_saved = !question.saved.is_empty();
    let html = html(&site, user, profile, is_saved, None).await?;
    Ok(page(StatusCode::OK, html))
}

pub(in crate::web) async fn save(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let (actor, user) = identity::signed_in(&site, &request).await?;
    // Whoever has the address has the account, for those who sign in with it.
    if form.get("email").trim().to_lowercase() != user.email.as_str()
        && let Err(asks) = again::asked(&site, &request, &form).await?
    {
        return Ok(asks);
    }
    let text = |name| form.get(name).to_owned();
    let profile = Profile {
        name: text("name"),
        email: text("email"),
        slug: text("slug"),
        bio: text("bio").replace("\r\n", "\n"),
        website: text("website"),
    };
    let changed = profile.clone();
    let saved = site.work(move |site| people::change_profile(&site.app, &actor, &changed));
    match saved.await {
        Ok(()) => Ok(see_other(&format!("{HERE}?saved=1"))),
        Err(error) => {
            let problem = problem(error);
            let html = html(&site, user, profile, false, Some(&problem)).await?;
            Ok(refused_page(&problem, html))
        }
    }
}

async fn html(
    site: &Site,
    user: User,
    profile: Profile,
    is_saved: bool,
    problem: Option<&Problem>,
) -> Result<String, Error> {
    let first = problem.and_then(|problem| problem.fields.first());
    let content = Content {
        name: profile.name,
        email: profile.email,
        slug: profile.slug,
        bio: profile.bio,
        website: profile.website,
        is_saved,
        trouble: problem.map(words_of),
        wrong: first.map(|field| field.field),
    };
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        view::render(site, "admin/profile.html", &settings, Some(&user), &content)
    });
    Ok(made.await?)
}
