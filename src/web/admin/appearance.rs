//! How the site looks and what it tells machines: one plain form. Whatever was typed comes back when
//! something in it cannot be taken.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{self, FieldError, settings};
use crate::domain::actor::{Act, Actor};
use crate::domain::appearance::FontStack;
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::web::error::{Error, Problem};
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::appearance_form::{self, Fields};
use super::view;
use super::{page, problem, refused_page, see_other, sign_in_first, visitor};

const HERE: &str = "/admin/appearance";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    saved: String,
}

#[derive(Debug, Serialize)]
struct ThemeCard {
    word: String,
    name: String,
    description: String,
    is_worn: bool,
}

#[derive(Debug, Serialize)]
struct Trouble {
    detail: String,
    wrong: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Content {
    fields: Fields,
    themes: Vec<ThemeCard>,
    fonts: Vec<(&'static str, &'static str)>,
    trouble: Option<Trouble>,
    is_saved: bool,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let is_saved = !question.saved.is_empty();
    let made = site.work(move |site| {
        allow(&actor)?;
        let settings = settings::read(&site.app)?;
        let fields = appearance_form::filled(&settings);
        html(site, &user, &settings, fields, None, is_saved)
    });
    Ok(framing(page(StatusCode::OK, made.await?)))
}

pub(in crate::web) async fn save(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let OwnForm(fields) = form;
    let made = site.work(move |site| {
        allow(&actor)?;
        let before = settings::read(&site.app)?;
        let taken = appearance_form::taken(&fields, &before).and_then(|settings| {
            let is_known = site
                .themes
                .list()
                .iter()
                .any(|(name, _)| *name == settings.theme);
            if is_known {
                settings::change(&site.app, &actor, &settings)
            } else {
                Err(app::Error::invalid("theme", "There is no such theme"))
            }
        });
        match taken {
            Ok(()) => Ok(None),
            Err(app::Error::Invalid(wrong)) => {
                let problem = problem(app::Error::Invalid(wrong.clone()));
                let trouble = trouble(&problem, wrong);
                let html = html(site, &user, &before, fields, Some(trouble), false)?;
                Ok(Some((problem, html)))
            }
            Err(error) => Err(error),
        }
    });
    Ok(match made.await? {
        None => see_other(&format!("{HERE}?saved=1")),
        Some((problem, html)) => framing(refused_page(&problem, html)),
    })
}

fn allow(actor: &Actor) -> Result<(), app::Error> {
    if actor.may(Act::ManageSettings) {
        Ok(())
    } else {
        Err(app::Error::Forbidden)
    }
}

fn trouble(problem: &Problem, wrong: Vec<FieldError>) -> Trouble {
    let mut by_field = BTreeMap::new();
    for error in wrong {
        let said: &mut String = by_field.entry(error.field).or_default();
        if !said.is_empty() {
            said.push_str(" · ");
        }
        said.push_str(&error.message);
    }
    Trouble {
        detail: problem.detail.clone(),
        wrong: by_field,
    }
}

fn html(
    site: &Site,
    user: &User,
    settings: &Settings,
    fields: Fields,
    trouble: Option<Trouble>,
    is_saved: bool,
) -> Result<String, app::Error> {
    let themes = site.themes.list().into_iter().map(|(name, manifest)| {
        let word = name.to_string();
        ThemeCard {
            is_worn: name == settings.theme,
            name: if manifest.name.is_empty() {
                word.clone()
            } else {
                manifest.name
            },
            description: manifest.description,
            word,
        }
    });
    let fonts = FontStack::ALL
        .iter()
        .map(|fonts| (fonts.as_str(), label(*fonts)));
    let content = Content {
        fields,
        themes: themes.collect(),
        fonts: fonts.collect(),
        trouble,
        is_saved,
    };
    view::render(
        site,
        "admin/appearance.html",
        settings,
        Some(user),
        &content,
    )
}

fn label(fonts: FontStack) -> &'static str {
    match fonts {
        FontStack::Theme => "As the theme has it",
        FontStack::System => "The system’s own",
        FontStack::Transitional => "Transitional serif (Charter, Cambria)",
        FontStack::OldStyle => "Old-style serif (Palatino)",
        FontStack::Humanist => "Humanist sans (Gill Sans, Calibri)",
        FontStack::Geometric => "Geometric sans (Avenir, Montserrat)",
        FontStack::Grotesque => "Grotesque sans (Helvetica, Inter)",
        FontStack::Slab => "Slab serif (Rockwell)",
        FontStack::Antique => "Antique serif (Bookman)",
        FontStack::Rounded => "Rounded sans",
        FontStack::Monospace => "Typewriter",
    }
}

/// The page shows each theme in a frame.
fn framing(mut answer: HttpResponse) -> HttpResponse {
    use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    answer
}
