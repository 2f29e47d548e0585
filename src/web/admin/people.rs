//! Who writes here: inviting, roles, keeping out, removing, handing the site over.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::accounts::Visitor;
use crate::app::{self, joining, people, settings};
use crate::domain::actor::Act;
use crate::domain::id::{InvitationId, UserId};
use crate::domain::user::{Role, User};
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity;
use crate::web::state::Site;

use super::view::{self, Moment};
use super::{SIGN_IN, again, page, problem, refused_page, see_other, words_of};

const HERE: &str = "/admin/people";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    done: String,
}

#[derive(Debug, Serialize)]
struct Person {
    id: String,
    name: String,
    email: String,
    slug: String,
    role: &'static str,
    role_word: Role,
    is_suspended: bool,
    is_you: bool,
}

impl Person {
    fn new(user: &User, visitor: &Visitor) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            slug: user.slug.as_str().to_owned(),
            role: view::role(user.role).0,
            role_word: user.role,
            is_suspended: user.suspended,
            is_you: user.id == visitor.user.id,
        }
    }
}

#[derive(Debug, Serialize)]
struct RoleChoice {
    word: Role,
    name: &'static str,
    meaning: &'static str,
}

#[derive(Debug, Serialize)]
struct Invited {
    id: String,
    note: String,
    role: &'static str,
    expires: Option<Moment>,
}

#[derive(Debug, Serialize)]
struct List {
    done: Option<&'static str>,
    trouble: Option<String>,
    /// The link, which is shown once.
    link: Option<String>,
    people: Vec<Person>,
    invitations: Vec<Invited>,
    roles: Vec<RoleChoice>,
}

#[derive(Debug, Serialize)]
struct One {
    trouble: Option<String>,
    person: Person,
    roles: Vec<RoleChoice>,
    may_change: bool,
    may_hand_over: bool,
}

#[derive(Debug, Serialize)]
struct Removal {
    trouble: Option<String>,
    person: Person,
    post_count: usize,
    heirs: Vec<Person>,
}

/// The roles the visitor may give.
fn roles(visitor: &Visitor) -> Vec<RoleChoice> {
    let given = Role::ALL.iter().rev().copied();
    let given = given.filter(|role| visitor.actor.may(Act::GiveRole(*role)));
    let choice = |word| {
        let (name, meaning) = view::role(word);
        RoleChoice {
            word,
            name,
            meaning,
        }
    };
    given.map(choice).collect()
}

fn id_of(id: &str) -> Result<UserId, app::Error> {
    let id = id.parse().map_err(|_| app::Error::NotFound)?;
    Ok(UserId::from_i64(id))
}

fn role_of(form: &Fields) -> Result<Role, app::Error> {
    Role::parse(form.get("role")).ok_or_else(|| app::Error::invalid("role", "Choose a role"))
}

pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let done = match &*question.done {
        "invitation" => Some("The link opens nothing any more."),
        "person" => Some("That is changed. Whoever it concerns signs in anew."),
        "removed" => Some("They are removed; their texts have a new author."),
        _ => None,
    };
    let made = site.work(move |site| list_html(site, &visitor, done, None, None));
    Ok(page(StatusCode::OK, made.await?))
}

pub(in crate::web) async fn invite(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let visitor = match again::asked(&site, &request, &form).await? {
        Ok(visitor) => visitor,
        Err(asks) => return Ok(asks),
    };
    if form.get("what") == "uninvite" {
        let id = InvitationId::from_i64(form.number("id").unwrap_or_default());
        site.work(move |site| joining::uninvite(&site.app, &visitor.actor, id))
            .await?;
        return Ok(see_other(&format!("{HERE}?done=invitation")));
    }
    let (app, actor) = (site.app.clone(), visitor.actor.clone());
    let made = site.work(move |_| {
        let note = form.get("note");
        joining::invite(&app, &actor, role_of(&form)?, note)
    });
    let (link, problem) = match made.await {
        Ok(made) => {
            let link = format!("{}/invitation/{}", site.base_url, made.secret);
            (Some(link), None)
        }
        Err(error) => (None, Some(problem(error))),
    };
    let trouble = problem.as_ref().map(words_of);
    let html = site
        .work(move |site| list_html(site, &visitor, None, trouble, link))
        .await?;
    Ok(match problem {
        None => page(StatusCode::OK, html),
        Some(problem) => refused_page(&problem, html),
    })
}

fn list_html(
    site: &Site,
    visitor: &Visitor,
    done: Option<&'static str>,
    trouble: Option<String>,
    link: Option<String>,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let everybody = people::list(&site.app, &visitor.actor)?;
    let invitations = joining::invitations(&site.app, &visitor.actor)?;
    let content = List {
        done,
        trouble,
        link,
        people: everybody
            .iter()
            .map(|user| Person::new(user, visitor))
            .collect(),
        invitations: invitations
            .into_iter()
            .map(|invitation| Invited {
                id: invitation.id.to_string(),
                note: invitation.note,
                role: view::role(invitation.role).0,
                expires: Moment::new(invitation.expires_at, &settings),
            })
            .collect(),
        roles: roles(visitor),
    };
    let user = Some(&visitor.user);
    view::render(site, "admin/people.html", &settings, user, &content)
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let id = id_of(&id)?;
    let made = site.work(move |site| one_html(site, &visitor, id, None));
    Ok(page(StatusCode::OK, made.await?))
}

pub(in crate::web) async fn act(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let visitor = match again::asked(&site, &request, &form).await? {
        Ok(visitor) => visitor,
        Err(asks) => return Ok(asks),
    };
    let id = id_of(&id)?;
    let actor = visitor.actor.clone();
    let hands_over = form.get("what") == "hand-over";
    let acted = site.work(move |site| match form.get("what") {
        "role" => people::change_role(&site.app, &actor, id, role_of(&form)?),
        "suspend" => people::suspend(&site.app, &actor, id, true),
        "readmit" => people::suspend(&site.app, &actor, id, false),
        "hand-over" => people::hand_over(&site.app, &actor, id),
        _ => Err(app::Error::NotFound),
    });
    match acted.await {
        Ok(()) if hands_over => Ok(see_other(SIGN_IN)),
        Ok(()) => Ok(see_other(&format!("{HERE}?done=person"))),
        Err(error) => {
            let problem = problem(error);
            let trouble = Some(words_of(&problem));
            let made = site.work(move |site| one_html(site, &visitor, id, trouble));
            Ok(refused_page(&problem, made.await?))
        }
    }
}

fn one_html(
    site: &Site,
    visitor: &Visitor,
    id: UserId,
    trouble: Option<String>,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let user = people::find(&site.app, &visitor.actor, id)?;
    let is_other = user.id != visitor.user.id;
    let content = One {
        trouble,
        roles: roles(visitor),
        may_change: visitor.actor.may(Act::ChangePerson(&user)),
        may_hand_over: visitor.actor.may(Act::HandOver) && is_other && !user.suspended,
        person: Person::new(&user, visitor),
    };
    let user = Some(&visitor.user);
    view::render(site, "admin/person.html", &settings, user, &content)
}

pub(in crate::web) async fn ask_removal(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let id = id_of(&id)?;
    let made = site.work(move |site| removal_html(site, &visitor, id, None));
    Ok(page(StatusCode::OK, made.await?))
}

pub(in crate::web) async fn remove(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let visitor = match again::asked(&site, &request, &form).await? {
        Ok(visitor) => visitor,
        Err(asks) => return Ok(asks),
    };
    let id = id_of(&id)?;
    let actor = visitor.actor.clone();
    let heir = UserId::from_i64(form.number("heir").unwrap_or_default());
    let removed = site.work(move |site| people::delete(&site.app, &actor, id, heir));
    match removed.await {
        Ok(()) => Ok(see_other(&format!("{HERE}?done=removed"))),
        Err(error) => {
            let problem = problem(error);
            let trouble = Some(words_of(&problem));
            let made = site.work(move |site| removal_html(site, &visitor, id, trouble));
            Ok(refused_page(&problem, made.await?))
        }
    }
}

fn removal_html(
    site: &Site,
    visitor: &Visitor,
    id: UserId,
    trouble: Option<String>,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let user = people::find(&site.app, &visitor.actor, id)?;
    if !visitor.actor.may(Act::ChangePerson(&user)) {
        return Err(app::Error::Forbidden);
    }
    let others = people::list(&site.app, &visitor.actor)?;
    let others = others.iter().filter(|other| other.id != id);
    let content = Removal {
        trouble,
        post_count: people::post_count(&site.app, id)?,
        heirs: others.map(|other| Person::new(other, visitor)).collect(),
        person: Person::new(&user, visitor),
    };
    let user = Some(&visitor.user);
    view::render(site, "admin/person-remove.html", &settings, user, &content)
}
