//! People, their sign-ins and their tokens: the only way to become an `Actor`.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{SessionId, TokenId, UserId};
use crate::domain::language::Language;
use crate::domain::session::Session;
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name};
use crate::domain::time::Timestamp;
use crate::domain::token::{Scope, Token};
use crate::domain::user::{NewUser, Role, User};
use crate::store;

use super::{App, Error, require, secrets, tokens};

const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// After this long one is asked again who one is, before what matters most.
const PROOF_SECONDS: i64 = 15 * 60;
/// How often a session notes that it is in use; more often would only wear the disk.
const SEEN_INTERVAL_SECONDS: i64 = 5 * 60;
pub const MAX_TOKEN_NAME_CHARS: usize = 100;
/// How much of a browser's description is kept.
const MAX_AGENT_CHARS: usize = 200;

/// A secret that is shown once, and what was made with it.
#[derive(Debug)]
pub struct Issued<T> {
    pub secret: String,
    pub item: T,
}

pub fn create_user(
    app: &App,
    actor: &Actor,
    email: Email,
    name: Name,
    role: Role,
    password: Option<&str>,
) -> Result<User, Error> {
    require(actor, Act::ManageUsers)?;
    require(actor, Act::GiveRole(role))?;
    let password_hash = password
        .map(|password| hash(app, password, &email, Some(&name)))
        .transpose()?;
    app.db.write(|tx| {
        if store::users::by_email(tx, &email)?.is_some() {
            return Err(Error::invalid(
                "email",
                "Somebody with this address is here already",
            ));
        }
        if role == Role::Owner && store::users::owner(tx)?.is_some() {
            return Err(Error::invalid("role", "The site has an owner already"));
        }
        let slug = free_slug(tx, &name)?;
        let user = store::users::insert(
            tx,
            &NewUser {
                email,
                name,
                slug,
                role,
                password_hash,
            },
        )?;
        audit(
            tx,
            actor,
            "user.create",
            Noun::User,
            user.id.as_i64(),
            role.as_str(),
        )?;
        tx.record(Change::hidden(Noun::User, user.id.as_i64(), Verb::Created));
        Ok(user)
    })
}

/// The hash to keep of a password, if it is a good one for this person on this site.
pub(super) fn hash(
    app: &App,
    password: &str,
    email: &Email,
    name: Option<&Name>,
) -> Result<String, Error> {
    let settings = app.db.read(store::settings::read)?;
    let name = name.map(Name::as_str).unwrap_or_default();
    let known = [email.as_str(), name, settings.title.as_str()];
    app.passwords
        .run(|| secrets::hash_password(password, &known))?
}

pub(super) fn free_slug(tx: &mut WriteTx<'_>, name: &Name) -> Result<Slug, Error> {
    let wished = Slug::from_title(name.as_str(), &Language::default(), "author");
    let mut slug = wished.clone();
    let mut number = 2;
    while store::users::by_slug(tx, &slug)?.is_some() {
        slug = wished.with_suffix(number);
        number += 1;
    }
    Ok(slug)
}

pub fn owner(app: &App) -> Result<Option<User>, Error> {
    Ok(app.db.read(store::users::owner)?)
}

/// What a new password from the operator does to the other ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherProofs {
    Keep,
    /// Codes, recovery codes and passkeys are lost, or in the wrong hands.
    Remove,
}

/// Gives a person a new password and ends their sign-ins.
pub fn set_password(
    app: &App,
    actor: &Actor,
    email: &Email,
    password: &str,
    others: OtherProofs,
) -> Result<(), Error> {
    require(actor, Act::ManageUsers)?;
    let hash = hash(app, password, email, None)?;
    app.db.write(|tx| {
        let user = store::users::by_email(tx, email)?.ok_or(Error::NotFound)?;
        store::users::set_password_hash(tx, user.id, Some(&hash))?;
        store::sessions::delete_all_of_user(tx, user.id)?;
        let mut detail = "";
        if others == OtherProofs::Remove {
            store::second_factors::delete(tx, user.id)?;
            store::passkeys::delete_all_of_user(tx, user.id)?;
            detail = "codes and passkeys removed";
        }
        audit(
            tx,
            actor,
            "user.set-password",
            Noun::User,
            user.id.as_i64(),
            detail,
        )?;
        tx.record(Change::hidden(Noun::User, user.id.as_i64(), Verb::Updated));
        Ok(())
    })
}

/// Who a password belongs to.
#[derive(Debug)]
pub struct Known {
    pub user: User,
    /// The password alone does not let them in.
    pub needs_code: bool,
}

/// Who has this password; lets nobody in yet.
pub fn check_password(app: &App, email: &str, password: &str) -> Result<Known, Error> {
    let known = match Email::parse(email) {
        Ok(email) => app.db.read(|tx| -> Result<_, Error> {
            let Some(user) = store::users::by_email(tx, &email)? else {
                return Ok(None);
            };
            let hash = store::users::password_hash(tx, user.id)?;
            let factor = store::second_factors::of_user(tx, user.id)?;
            let needs_code = factor.is_some_and(|factor| factor.confirmed_at.is_some());
            Ok(Some((Known { user, needs_code }, hash)))
        })?,
        Err(_) => None,
    };
    let hash = known.as_ref().and_then(|(_, hash)| hash.as_deref());
    let matches = app
        .passwords
        .run(|| secrets::verify_password(password, hash))?;
    known
        .map(|(known, _)| known)
        .filter(|known| matches && !known.user.suspended)
        .ok_or_else(|| {
            Error::invalid(
                "password",
                "E-mail address and password do not belong together",
            )
        })
}

/// Whether this is the actor's own password; for those who are asked again.
pub fn has_password(app: &App, user: UserId, password: &str) -> Result<bool, Error> {
    let hash = app.db.read(|tx| store::users::password_hash(tx, user))?;
    app.passwords
        .run(|| secrets::verify_password(password, hash.as_deref()))
}

/// Whether somebody has a password at all; some have only passkeys.
pub fn may_use_password(app: &App, user: UserId) -> Result<bool, Error> {
    let hash = app.db.read(|tx| store::users::password_hash(tx, user))?;
    Ok(hash.is_some())
}

/// What somebody comes with who is let in.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    pub address: String,
    /// What the browser says it is.
    pub agent: String,
    /// The secret of the session that ends with this one.
    pub old_secret: Option<String>,
}

/// Opens a session for somebody who has shown `how` who they are.
pub fn open_session(
    app: &App,
    user: UserId,
    how: &str,
    arrival: &Arrival,
) -> Result<Issued<Session>, Error> {
    let secret = secrets::new_secret()?;
    let old = arrival.old_secret.as_deref().map(secrets::digest);
    let session = app.db.write(|tx| {
        let now = tx.now();
        let user = store::users::by_id(tx, user)?
            .filter(|user| !user.suspended)
            .ok_or(Error::Unauthenticated)?;
        if let Some((old, _)) = match &old {
            Some(old) => store::sessions::by_secret_hash(tx, old, now)?,
            None => None,
        } {
            store::sessions::delete(tx, old.id)?;
        }
        let session = Session {
            id: SessionId::from_i64(tx.new_id()),
            user: user.id,
            created_at: now,
            seen_at: now,
            expires_at: now.plus_seconds(SESSION_SECONDS),
            proved_at: now,
            address: arrival.address.clone(),
            agent: arrival.agent.chars().take(MAX_AGENT_CHARS).collect(),
        };
        store::sessions::insert(tx, &session, &secrets::digest(&secret))?;
        let actor = Actor::signed_in(user.id, user.role, &arrival.address);
        audit(
            tx,
            &actor,
            "session.create",
            Noun::Session,
            session.id.as_i64(),
            how,
        )?;
        tx.record(Change::hidden(
            Noun::Session,
            session.id.as_i64(),
            Verb::Created,
        ));
        Ok::<_, Error>(session)
    })?;
    Ok(Issued {
        secret,
        item: session,
    })
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub actor: Actor,
    pub user: User,
    pub session: Session,
}

/// Who holds this session's secret.
pub fn by_session(app: &App, secret: &str, address: &str) -> Result<Visitor, Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    let (session, user) = app
        .db
        .read(|tx| store::sessions::by_secret_hash(tx, &digest, now))?
        .ok_or(Error::Unauthenticated)?;
    if session.seen_at.plus_seconds(SEEN_INTERVAL_SECONDS) < now {
        note_use(
            app.db
                .write(|tx| store::sessions::touch(tx, session.id, address)),
        );
    }
    Ok(Visitor {
        actor: Actor::signed_in(user.id, user.role, address),
        user,
        session,
    })
}

/// Whether it is long ago that they showed who they are: too long for what matters most.
pub fn is_stale(app: &App, session: &Session) -> bool {
    session.proved_at.plus_seconds(PROOF_SECONDS) < app.db.clock().now()
}

/// Notes that whoever holds the session has just shown again who they are.
pub fn note_proof(app: &App, session: SessionId) -> Result<(), Error> {
    app.db.write(|tx| {
        tx.quiet("that somebody is still who they are is no news");
        Ok(store::sessions::prove(tx, session)?)
    })
}

pub fn sign_out(app: &App, secret: &str) -> Result<(), Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    app.db.write(|tx| {
        match store::sessions::by_secret_hash(tx, &digest, now)? {
            Some((session, _)) => {
                store::sessions::delete(tx, session.id)?;
                let change = Change::hidden(Noun::Session, session.id.as_i64(), Verb::Deleted);
                tx.record(change);
            }
            None => tx.quiet("there was no session"),
        }
        Ok(())
    })
}

/// Makes a token for the user `email`, or for the actor when `None`. What is made with a token can do
/// nothing that one cannot, and ends with it.
pub fn create_token(
    app: &App,
    actor: &Actor,
    email: Option<&Email>,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<Timestamp>,
) -> Result<Issued<Token>, Error> {
    require(actor, Act::ManageSelf)?;
    // A token speaks in its holder's name: nobody makes one for somebody else, but for the shell.
    if email.is_some() && actor.user().is_some() {
        return Err(Error::Forbidden);
    }
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_TOKEN_NAME_CHARS {
        return Err(Error::invalid(
            "name",
            "Name the token after what will use it",
        ));
    }
    tokens::check_scopes(actor, scopes)?;
    let expires_at = tokens::lifetime(actor, expires_at, app.db.clock().now())?;
    let secret = secrets::new_secret()?;
    let token = app.db.write(|tx| {
        let user = match (email, actor.user()) {
            (Some(email), _) => store::users::by_email(tx, email)?,
            (None, Some(user)) => store::users::by_id(tx, user)?,
            (None, None) => store::users::owner(tx)?,
        };
        let user = user.ok_or_else(|| Error::invalid("user", "There is no such user"))?;
        let token = Token {
            id: TokenId::from_i64(tx.new_id()),
            user: user.id,
            name: name.to_owned(),
            scopes: scopes.to_vec(),
            client: None,
            created_at: tx.now(),
            expires_at,
            used_at: None,
        };
        store::tokens::insert(tx, &token, &secrets::digest(&secret))?;
        audit(
            tx,
            actor,
            "token.create",
            Noun::Token,
            token.id.as_i64(),
            name,
        )?;
        tx.record(Change::hidden(
            Noun::Token,
            token.id.as_i64(),
            Verb::Created,
        ));
        Ok::<_, Error>(token)
    })?;
    Ok(Issued {
        secret,
        item: token,
    })
}

/// When a full disk refuses the note, reading goes on without it.
fn note_use(noted: Result<(), store::StoreError>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "the last use of a session or token could not be noted");
    }
}

/// Who holds this token's secret.
pub fn by_token(app: &App, secret: &str, address: &str) -> Result<(Actor, User), Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    let (token, user) = app
        .db
        .read(|tx| store::tokens::by_secret_hash(tx, &digest, now))?
        .ok_or(Error::Unauthenticated)?;
    let seen = token.used_at.unwrap_or(token.created_at);
    if seen.plus_seconds(SEEN_INTERVAL_SECONDS) < now {
        note_use(app.db.write(|tx| store::tokens::touch(tx, token.id)));
    }
    let actor = Actor::with_token(user.id, user.role, token.scopes, address);
    Ok((actor.until(token.expires_at), user))
}

/// Records something that is done outside the store.
pub fn note(app: &App, actor: &Actor, act: &str, noun: Noun) -> Result<(), Error> {
    app.db.write(|tx| {
        tx.quiet("the store does not change");
        audit(tx, actor, act, noun, 0, "")
    })
}

pub(super) fn audit(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    act: &str,
    noun: Noun,
    id: i64,
    detail: &str,
) -> Result<(), Error> {
    Ok(store::audit::insert(
        tx,
        &NewAuditEntry {
            user: actor.user(),
            act,
            noun,
            noun_id: Some(id),
            address: &actor.address,
            detail,
        },
    )?)
}
