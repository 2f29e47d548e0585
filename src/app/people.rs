//! Who writes here, with which role, and what they say of themselves.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, SessionId, TokenId, UserId};
use crate::domain::place::{Place, Stretch};
use crate::domain::session::Session;
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, WebAddress};
use crate::domain::token::Token;
use crate::domain::user::{Role, User};
use crate::store;

use super::{App, Error, FieldError, accounts, require, tokens, webhooks};

pub const MAX_BIO_CHARS: usize = 2_000;

pub fn list(app: &App, actor: &Actor) -> Result<Vec<User>, Error> {
    require(actor, Act::ManageUsers)?;
    Ok(app.db.read(store::users::all)?)
}

/// Everybody, the newest first.
pub fn older(app: &App, actor: &Actor, after: Place, limit: u32) -> Result<Stretch<User>, Error> {
    require(actor, Act::ManageUsers)?;
    let before = UserId::from_i64(after.id);
    let found = app
        .db
        .read(|tx| store::users::older(tx, before, limit + 1))?;
    let place = |user: &User| Place::behind_id(user.id.as_i64());
    Ok(Stretch::of(found, limit, place))
}

pub fn find(app: &App, actor: &Actor, id: UserId) -> Result<User, Error> {
    require(actor, Act::ManageUsers)?;
    app.db
        .read(|tx| store::users::by_id(tx, id))?
        .ok_or(Error::NotFound)
}

/// How many posts somebody is an author of.
pub fn post_count(app: &App, id: UserId) -> Result<usize, Error> {
    Ok(app.db.read(|tx| store::users::posts_by(tx, id))?.len())
}

fn changeable(tx: &mut WriteTx<'_>, actor: &Actor, id: UserId) -> Result<User, Error> {
    let user = store::users::by_id(tx, id)?.ok_or(Error::NotFound)?;
    require(actor, Act::ChangePerson(&user))?;
    if user.role == Role::Owner {
        return Err(Error::Conflict(format!(
            "{} owns the site; make somebody else the owner first",
            user.name
        )));
    }
    Ok(user)
}

/// What of somebody's standing is to be changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    pub role: Option<Role>,
    /// Kept out until they are let in again; what they wrote stays.
    pub suspended: Option<bool>,
}

/// Changes somebody's standing, as `decide` says of who they are now. Ends their sign-ins: what they may
/// do has changed.
pub fn change(
    app: &App,
    actor: &Actor,
    id: UserId,
    decide: impl FnOnce(&User) -> Result<Standing, Error>,
) -> Result<User, Error> {
    app.db.write(|tx| {
        let before = changeable(tx, actor, id)?;
        let wish = decide(&before)?;
        let mut user = before.clone();
        if let Some(role) = wish.role {
            require(actor, Act::GiveRole(role))?;
            user.role = role;
        }
        user.suspended = wish.suspended.unwrap_or(user.suspended);
        if user == before {
            tx.quiet("nothing was changed");
            return Ok(before);
        }
        store::users::update(tx, &user)?;
        store::sessions::delete_all_of_user(tx, id)?;
        if user.role != before.role {
            let detail = format!("{} from {} to {}", user.email, before.role, user.role);
            note(tx, actor, "user.role", id, &detail, Verb::Updated)?;
        }
        if user.suspended != before.suspended {
            let act = if user.suspended {
                "user.suspend"
            } else {
                "user.readmit"
            };
            note(tx, actor, act, id, user.email.as_str(), Verb::Updated)?;
        }
        store::users::by_id(tx, id)?.ok_or(Error::NotFound)
    })
}

/// Gives somebody another role.
pub fn change_role(app: &App, actor: &Actor, id: UserId, role: Role) -> Result<(), Error> {
    require(actor, Act::GiveRole(role))?;
    let wish = Standing {
        role: Some(role),
        suspended: None,
    };
    change(app, actor, id, |_| Ok(wish)).map(drop)
}

/// Keeps somebody out, or lets them in again.
pub fn suspend(app: &App, actor: &Actor, id: UserId, suspended: bool) -> Result<(), Error> {
    let wish = Standing {
        role: None,
        suspended: Some(suspended),
    };
    change(app, actor, id, |_| Ok(wish)).map(drop)
}

/// Removes somebody for good; `heir` takes their place among the authors of what they wrote.
pub fn delete(app: &App, actor: &Actor, id: UserId, heir: UserId) -> Result<(), Error> {
    delete_if(app, actor, id, heir, |_| Ok(()))
}

/// The same, where `agree` agrees to who would go.
pub fn delete_if(
    app: &App,
    actor: &Actor,
    id: UserId,
    heir: UserId,
    agree: impl FnOnce(&User) -> Result<(), Error>,
) -> Result<(), Error> {
    app.db.write(|tx| {
        let user = changeable(tx, actor, id)?;
        agree(&user)?;
        let heir = store::users::by_id(tx, heir)?
            .filter(|heir| heir.id != id)
            .ok_or_else(|| Error::invalid("heir", "Choose who gets the texts"))?;
        let posts = store::users::posts_by(tx, id)?;
        store::users::hand_over_posts(tx, id, heir.id)?;
        for post in &posts {
            hand_over_pending(tx, *post, id, heir.id)?;
            tx.record(Change::visible(Noun::Post, post.as_i64(), Verb::Updated));
        }
        webhooks::user_departs(tx, &user)?;
        store::users::delete(tx, id)?;
        let detail = format!("{}, {} texts to {}", user.email, posts.len(), heir.email);
        note(tx, actor, "user.delete", id, &detail, Verb::Deleted)
    })
}

/// What readers do not see yet names its authors, too.
fn hand_over_pending(
    tx: &mut WriteTx<'_>,
    post: PostId,
    from: UserId,
    to: UserId,
) -> Result<(), Error> {
    if let Some(mut pending) = store::pending::get(tx, post)? {
        let authors = &mut pending.content.authors;
        authors.retain(|author| *author != to);
        for author in authors.iter_mut().filter(|author| **author == from) {
            *author = to;
        }
        store::pending::put(tx, &pending)?;
    }
    Ok(())
}

/// Makes somebody else the owner; who was it becomes an admin. Ends the sign-ins of both.
pub fn hand_over(app: &App, actor: &Actor, id: UserId) -> Result<(), Error> {
    require(actor, Act::HandOver)?;
    app.db.write(|tx| {
        let mut old = store::users::owner(tx)?.ok_or(Error::NotFound)?;
        let mut new = store::users::by_id(tx, id)?.ok_or(Error::NotFound)?;
        if new.suspended || new.id == old.id {
            return Err(Error::Conflict(format!(
                "{} cannot be made the owner",
                new.name
            )));
        }
        old.role = Role::Admin;
        new.role = Role::Owner;
        for user in [&old, &new] {
            store::users::update(tx, user)?;
            store::sessions::delete_all_of_user(tx, user.id)?;
        }
        tx.record(Change::visible(Noun::User, old.id.as_i64(), Verb::Updated));
        let detail = format!("{} to {}", old.email, new.email);
        note(tx, actor, "user.hand-over", id, &detail, Verb::Updated)
    })
}

/// What somebody says of themselves, as they typed it.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub name: String,
    pub email: String,
    pub slug: String,
    pub bio: String,
    pub website: String,
}

impl From<&User> for Profile {
    fn from(user: &User) -> Self {
        Self {
            name: user.name.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            slug: user.slug.as_str().to_owned(),
            bio: user.bio.clone(),
            website: user
                .website
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        }
    }
}

impl Profile {
    /// Somebody who says this of themselves.
    fn lay_over(&self, user: &User) -> Result<User, Error> {
        let mut wrong = Vec::new();
        let mut refuse = |field, message: String| wrong.push(FieldError { field, message });
        let name = Name::parse(&self.name);
        let name = name.map_err(|error| refuse("name", error.to_string()));
        let email = Email::parse(&self.email);
        let email = email.map_err(|error| refuse("email", error.to_string()));
        let slug = Slug::parse(self.slug.trim());
        let slug = slug.map_err(|error| refuse("slug", error.to_string()));
        let website = Some(self.website.trim()).filter(|website| !website.is_empty());
        let website = website.map(WebAddress::parse).transpose();
        let website = website.map_err(|error| refuse("website", error.to_string()));
        let bio = self.bio.trim();
        if bio.chars().count() > MAX_BIO_CHARS {
            let message = format!("Shorten this to {MAX_BIO_CHARS} characters");
            refuse("bio", message);
        }
        match (name, email, slug, website) {
            (Ok(name), Ok(email), Ok(slug), Ok(website)) if wrong.is_empty() => Ok(User {
                name,
                email,
                slug,
                website,
                bio: bio.replace('\0', ""),
                ..user.clone()
            }),
            _ => Err(Error::Invalid(wrong)),
        }
    }
}

/// Who the actor is.
pub fn myself(app: &App, actor: &Actor) -> Result<User, Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let user = app.db.read(|tx| store::users::by_id(tx, id))?;
    user.ok_or(Error::NotFound)
}

/// Changes the actor's own profile.
pub fn change_profile(app: &App, actor: &Actor, profile: &Profile) -> Result<(), Error> {
    rewrite_profile(app, actor, |_| Ok(profile.clone())).map(drop)
}

/// The same, as `decide` says of what it is now.
pub fn rewrite_profile(
    app: &App,
    actor: &Actor,
    decide: impl FnOnce(&User) -> Result<Profile, Error>,
) -> Result<User, Error> {
    require(actor, Act::ManageSelf)?;
    let id = actor.user().ok_or(Error::Forbidden)?;
    app.db.write(|tx| {
        let before = store::users::by_id(tx, id)?.ok_or(Error::NotFound)?;
        let user = decide(&before)?.lay_over(&before)?;
        if user == before {
            tx.quiet("nothing was changed");
            return Ok(before);
        }
        let is_taken = |found: Option<User>| found.is_some_and(|found| found.id != id);
        if is_taken(store::users::by_email(tx, &user.email)?) {
            let message = "Somebody with this address is here already";
            return Err(Error::invalid("email", message));
        }
        if is_taken(store::users::by_slug(tx, &user.slug)?) {
            let message = "Somebody else is at this address";
            return Err(Error::invalid("slug", message));
        }
        store::users::update(tx, &user)?;
        if user.email != before.email {
            let detail = format!("{} to {}", before.email, user.email);
            accounts::audit(tx, actor, "user.email", Noun::User, id.as_i64(), &detail)?;
        }
        tx.record(Change::visible(Noun::User, id.as_i64(), Verb::Updated));
        store::users::by_id(tx, id)?.ok_or(Error::NotFound)
    })
}

/// Gives the actor a new password and ends all their sign-ins: whoever calls opens a new one.
pub fn change_password(app: &App, actor: &Actor, user: &User, password: &str) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let id = actor.user().filter(|id| *id == user.id);
    let id = id.ok_or(Error::Forbidden)?;
    let hash = accounts::hash(app, password, &user.email, Some(&user.name))?;
    app.db.write(|tx| {
        store::users::set_password_hash(tx, id, Some(&hash))?;
        store::sessions::delete_all_of_user(tx, id)?;
        note(tx, actor, "user.set-password", id, "", Verb::Updated)
    })
}

/// The actor's sign-ins, the last used first.
pub fn sessions(app: &App, actor: &Actor) -> Result<Vec<Session>, Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    let now = app.db.clock().now();
    let mut sessions = app.db.read(|tx| store::sessions::of_user(tx, user))?;
    sessions.retain(|session| session.expires_at > now);
    Ok(sessions)
}

/// Ends the actor's sign-ins that `ends` picks.
pub fn end_sessions(
    app: &App,
    actor: &Actor,
    ends: impl Fn(SessionId) -> bool,
) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    app.db.write(|tx| {
        tx.quiet("there may have been nothing to end");
        for session in store::sessions::of_user(tx, user)? {
            if !ends(session.id) {
                continue;
            }
            store::sessions::delete(tx, session.id)?;
            let id = session.id.as_i64();
            accounts::audit(tx, actor, "session.end", Noun::Session, id, "")?;
            tx.record(Change::hidden(Noun::Session, id, Verb::Deleted));
        }
        Ok(())
    })
}

/// Somebody's tokens, the newest first: the actor's own, or those of `email`.
pub fn tokens(app: &App, actor: &Actor, email: Option<&Email>) -> Result<Vec<Token>, Error> {
    require(actor, Act::ManageSelf)?;
    if email.is_some() {
        require(actor, Act::ManageUsers)?;
    }
    app.db.read(|tx| {
        let user = match (email, actor.user()) {
            (Some(email), _) => store::users::by_email(tx, email)?.map(|user| user.id),
            (None, Some(user)) => Some(user),
            (None, None) => store::users::owner(tx)?.map(|owner| owner.id),
        };
        let user = user.ok_or_else(|| Error::invalid("user", "There is no such user"))?;
        Ok(store::tokens::of_user(tx, user)?)
    })
}

/// Ends a token: one of the actor’s own, or for the shell, anybody’s.
pub fn revoke_token(app: &App, actor: &Actor, id: TokenId) -> Result<(), Error> {
    tokens::revoke(app, actor, id, |_| Ok(()))
}

fn note(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    act: &str,
    id: UserId,
    detail: &str,
    verb: Verb,
) -> Result<(), Error> {
    accounts::audit(tx, actor, act, Noun::User, id.as_i64(), detail)?;
    tx.record(Change::visible(Noun::User, id.as_i64(), verb));
    Ok(())
}
