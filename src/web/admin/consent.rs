//! Where somebody is asked whether another's program may do something in their name. Whatever the program
//! sent is looked at before anything is shown, and once more when the answer comes.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app::accounts::Visitor;
use crate::app::clients::Introduction;
use crate::app::grants::{self, Asked};
use crate::app::{self, settings};
use crate::domain::client::{ClientId, RedirectUri};
use crate::domain::token::Scope;
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::grants::{issuer, known, metadata};
use crate::web::identity;
use crate::web::state::Site;

use super::{POLICY, again, page, problem, see_other, view, words_of};

const TEMPLATE: &str = "admin/consent.html";
/// What the form hands on of the question.
const CARRIED: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "scope",
];
const MAX_STATE_BYTES: usize = 2_000;
/// How long a token lasts unless somebody says otherwise.
const DEFAULT_DAYS: &str = "365";

#[derive(Debug, Serialize)]
struct Wish {
    word: &'static str,
    about: &'static str,
}

#[derive(Debug, Default, Serialize)]
struct Content {
    /// Why nothing can be asked; then nothing else is there.
    trouble: Option<String>,
    name: Option<String>,
    client: String,
    host: String,
    about: Option<String>,
    logo: Option<String>,
    /// Why less is known of it than should be.
    doubt: Option<String>,
    /// Where one is sent back to, if that is elsewhere.
    elsewhere: Option<String>,
    me: String,
    has_no_page: bool,
    wishes: Vec<Wish>,
    unknown: Vec<String>,
    days: &'static str,
    fields: Vec<(&'static str, String)>,
}

/// A question that may be put before somebody.
struct Question {
    asked: Asked,
    state: String,
    scopes: Vec<Scope>,
    unknown: Vec<String>,
    introduction: Result<Introduction, String>,
}

/// Why a question is not put.
enum Stop {
    /// Nobody is sent anywhere: it is not known that they would arrive at whoever asked.
    Here(app::Error),
    /// The program is told.
    There(String),
}

impl From<app::Error> for Stop {
    fn from(error: app::Error) -> Self {
        Self::Here(error)
    }
}

/// Looks at everything that was sent. Blocks.
fn look(site: &Site, form: &Fields) -> Result<Question, Stop> {
    let wrong = |field| move |error| app::Error::invalid(field, error);
    let client = ClientId::parse(form.get("client_id")).map_err(wrong("client_id"))?;
    let redirect_uri = RedirectUri::parse(form.get("redirect_uri"));
    let redirect_uri = redirect_uri.map_err(wrong("redirect_uri"))?;
    let introduction = site.known.introduction(&site.app, &client);
    known::may_lead(&client, &redirect_uri, &introduction)?;

    let state = form.get("state").to_owned();
    let no = |error: &str, why: &str| {
        let to = back(
            site,
            &redirect_uri,
            &state,
            &[("error", error), ("error_description", why)],
        );
        Err(Stop::There(to))
    };
    if form.get("response_type") != "code" {
        return no("unsupported_response_type", "Ask with response_type=code");
    }
    if state.is_empty() || state.len() > MAX_STATE_BYTES {
        return no("invalid_request", "state is missing or too long");
    }
    let challenge = form.get("code_challenge").to_owned();
    if form.get("code_challenge_method") != "S256" || !grants::is_challenge(&challenge) {
        return no(
            "invalid_request",
            "Ask with a code_challenge and code_challenge_method=S256 (PKCE)",
        );
    }
    let (scopes, unknown) = scopes(form.get("scope"));
    Ok(Question {
        asked: Asked {
            client,
            redirect_uri,
            challenge,
        },
        state,
        scopes,
        unknown,
        introduction,
    })
}

/// The known among the words, and the others.
fn scopes(text: &str) -> (Vec<Scope>, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for word in text.split_ascii_whitespace() {
        // What `create` was called at first.
        let usual = if word == "post" { "create" } else { word };
        match Scope::parse(usual).filter(|_| metadata::OFFERED.contains(&usual)) {
            Some(scope) if known.contains(&scope) => {}
            Some(scope) => known.push(scope),
            None => unknown.push(word.to_owned()),
        }
    }
    (known, unknown)
}

/// The program's address with an answer in it.
fn back(site: &Site, to: &RedirectUri, state: &str, answer: &[(&str, &str)]) -> String {
    let issuer = issuer(site);
    let state = (!state.is_empty()).then_some(("state", state));
    let mut pairs = answer.to_vec();
    pairs.extend(state);
    pairs.push(("iss", &issuer));
    to.with(&pairs)
}

/// What is answered; made where it may block, and sent where it may not.
enum Reply {
    /// A page, and the scheme its form may lead to besides our own.
    Page(StatusCode, String, Option<String>),
    To(String),
}

impl Reply {
    fn into_response(self) -> HttpResponse {
        match self {
            Self::Page(status, html, None) => page(status, html),
            Self::Page(status, html, Some(scheme)) => widened(page(status, html), &scheme),
            Self::To(to) => see_other(&to),
        }
    }
}

pub(in crate::web) async fn ask(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Fields>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let form = question.into_inner();
    let made = site.work(move |site| match look(site, &form) {
        Ok(question) => {
            let scheme = question.asked.redirect_uri.scheme().to_owned();
            let content = content(site, &visitor, &form, question)?;
            let html = html(site, &visitor, &content)?;
            Ok(Reply::Page(StatusCode::OK, html, Some(scheme)))
        }
        Err(Stop::There(to)) => Ok(Reply::To(to)),
        Err(Stop::Here(error)) => refused(site, &visitor, error),
    });
    Ok(made.await?.into_response())
}

/// The answer to the form leads to the program, and browsers ask the form's page whether it may.
fn widened(mut answer: HttpResponse, scheme: &str) -> HttpResponse {
    let wider = format!("form-action 'self' {scheme}:");
    let policy = POLICY.replace("form-action 'self'", &wider);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

fn refused(site: &Site, visitor: &Visitor, error: app::Error) -> Result<Reply, app::Error> {
    let problem = problem(error);
    let content = Content {
        trouble: Some(words_of(&problem)),
        ..Content::default()
    };
    let html = html(site, visitor, &content)?;
    Ok(Reply::Page(StatusCode::BAD_REQUEST, html, None))
}

fn html(site: &Site, visitor: &Visitor, content: &Content) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    view::render(site, TEMPLATE, &settings, Some(&visitor.user), content)
}

fn content(
    site: &Site,
    visitor: &Visitor,
    form: &Fields,
    question: Question,
) -> Result<Content, app::Error> {
    let Asked {
        client,
        redirect_uri,
        ..
    } = &question.asked;
    let (said, doubt) = match question.introduction {
        Ok(said) => (said, None),
        Err(why) => (Introduction::default(), Some(why)),
    };
    let elsewhere = (!redirect_uri.belongs_to(client)).then(|| redirect_uri.as_str().to_owned());
    let carried = CARRIED.map(|name| (name, form.get(name).to_owned()));
    Ok(Content {
        trouble: None,
        name: said.name,
        client: client.to_string(),
        host: client.host().to_owned(),
        about: said.about,
        logo: said.logo,
        doubt,
        elsewhere,
        me: grants::address_of(&visitor.user, &site.base_url),
        has_no_page: !grants::has_page(&site.app, &visitor.user)?,
        wishes: question
            .scopes
            .iter()
            .map(|scope| Wish {
                word: scope.as_str(),
                about: view::allows(*scope),
            })
            .collect(),
        unknown: question.unknown,
        days: DEFAULT_DAYS,
        fields: carried.into(),
    })
}

pub(in crate::web) async fn decide(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    if form.get("what") == "allow" {
        // It is asked again who they are, as before a token is made by hand.
        let visitor = match again::asked(&site, &request, &form).await? {
            Ok(visitor) => visitor,
            Err(asks) => {
                let to = RedirectUri::parse(form.get("redirect_uri"));
                return Ok(match &to {
                    Ok(to) => widened(asks, to.scheme()),
                    Err(_) => asks,
                });
            }
        };
        return decided(&site, visitor, form).await;
    }
    let visitor = identity::visitor(&site, &request).await?;
    decided(&site, visitor, form).await
}

async fn decided(site: &Site, visitor: Visitor, form: Fields) -> Result<HttpResponse, Error> {
    let done = site.work(move |site| {
        let question = match look(site, &form) {
            Ok(question) => question,
            Err(Stop::There(to)) => return Ok(Reply::To(to)),
            Err(Stop::Here(error)) => return refused(site, &visitor, error),
        };
        let (to, state) = (&question.asked.redirect_uri, &question.state);
        if form.get("what") != "allow" {
            let denied = back(site, to, state, &[("error", "access_denied")]);
            return Ok(Reply::To(denied));
        }
        let ticked: Vec<&str> = form.all("allow").collect();
        let mut scopes = question.scopes.clone();
        scopes.retain(|scope| ticked.contains(&scope.as_str()));
        let days = match form.get("days") {
            "" => None,
            days => Some(days.parse().unwrap_or_default()),
        };
        let code = match grants::allow(&site.app, &visitor.actor, &question.asked, &scopes, days) {
            Err(error @ app::Error::Invalid(_)) => return refused(site, &visitor, error),
            code => code?,
        };
        Ok(Reply::To(back(site, to, state, &[("code", &code)])))
    });
    Ok(done.await?.into_response())
}
