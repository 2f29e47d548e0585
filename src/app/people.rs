//! Who writes here, with which role, and what they say of themselves.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, SessionId, TokenId, UserId};
use crate::domain::session::Session;
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, WebAddress};
use crate::domain::token::Token;
use crate::domain::user::{Role, User};
use crate::store;

use super::{App, Error, accounts, require, webhooks};

const MAX_BIO_CHARS: usize = 2_000;

pub fn list(app: &App, actor: &Actor) -> Result<Vec<User>, Error> {
    require(actor, Act::ManageUsers)?;
    Ok(app.db.read(store::users::all)?)
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
    Ok(user)
}

/// Gives somebody another role, and ends their sign-ins: what they may do has changed.
pub fn change_role(app: &App, actor: &Actor, id: UserId, role: Role) -> Result<(), Error> {
    require(actor, Act::GiveRole(role))?;
    app.db.write(|tx| {
        let mut user = changeable(tx, actor, id)?;
        let detail = format!("{} from {} to {role}", user.email, user.role);
        user.role = role;
        store::users::update(tx, &user)?;
        store::sessions::delete_all_of_user(tx, id)?;
        note(tx, actor, "user.role", id, &detail, Verb::Updated)
    })
}

/// Keeps somebody out until they are let in again; what they wrote stays.
pub fn suspend(app: &App, actor: &Actor, id: UserId, suspended: bool) -> Result<(), Error> {
    app.db.write(|tx| {
        let mut user = changeable(tx, actor, id)?;
        user.suspended = suspended;
        store::users::update(tx, &user)?;
        store::sessions::delete_all_of_user(tx, id)?;
        let act = if suspended {
            "user.suspend"
        } else {
            "user.readmit"
        };
        note(tx, actor, act, id, user.email.as_str(), Verb::Updated)
    })
}

/// Removes somebody for good; `heir` takes their place among the authors of what they wrote.
pub fn delete(app: &App, actor: &Actor, id: UserId, heir: UserId) -> Result<(), Error> {
    app.db.write(|tx| {
        let user = changeable(tx, actor, id)?;
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

/// Changes the actor's own profile.
pub fn change_profile(app: &App, actor: &Actor, profile: &Profile) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let id = actor.user().ok_or(Error::Forbidden)?;
    let name = Name::parse(&profile.name).map_err(|error| Error::invalid("name", error))?;
    let email = Email::parse(&profile.email).map_err(|error| Error::invalid("email", error))?;
    let slug = Slug::parse(profile.slug.trim()).map_err(|error| Error::invalid("slug", error))?;
    let website = match profile.website.trim() {
        "" => None,
        website => {
            let address = WebAddress::parse(website);
            Some(address.map_err(|error| Error::invalid("website", error))?)
        }
    };
    if profile.bio.chars().count() > MAX_BIO_CHARS {
        let message = format!("Shorten this to {MAX_BIO_CHARS} characters");
        return Err(Error::invalid("bio", message));
    }
    app.db.write(|tx| {
        let before = store::users::by_id(tx, id)?.ok_or(Error::NotFound)?;
        let is_taken = |found: Option<User>| found.is_some_and(|found| found.id != id);
        if is_taken(store::users::by_email(tx, &email)?) {
            let message = "Somebody with this address is here already";
            return Err(Error::invalid("email", message));
        }
        if is_taken(store::users::by_slug(tx, &slug)?) {
            let message = "Somebody else is at this address";
            return Err(Error::invalid("slug", message));
        }
        let old_email = before.email.clone();
        let user = User {
            name,
            email,
            slug,
            website,
            bio: profile.bio.trim().to_owned(),
            ..before
        };
        store::users::update(tx, &user)?;
        if user.email != old_email {
            let detail = format!("{old_email} to {}", user.email);
            accounts::audit(tx, actor, "user.email", Noun::User, id.as_i64(), &detail)?;
        }
        tx.record(Change::visible(Noun::User, id.as_i64(), Verb::Updated));
        Ok(())
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
    require(actor, Act::ManageSelf)?;
    app.db.write(|tx| {
        if let Some(user) = actor.user() {
            let own = store::tokens::of_user(tx, user)?;
            if !own.iter().any(|token| token.id == id) {
                return Err(Error::NotFound);
            }
        }
        store::tokens::delete(tx, id)?;
        let id = id.as_i64();
        accounts::audit(tx, actor, "token.revoke", Noun::Token, id, "")?;
        tx.record(Change::hidden(Noun::Token, id, Verb::Deleted));
        Ok(())
    })
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
