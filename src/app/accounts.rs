//! People, their sign-ins and their tokens: the only way to become an `Actor`.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{SessionId, TokenId};
use crate::domain::language::Language;
use crate::domain::session::Session;
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name};
use crate::domain::time::Timestamp;
use crate::domain::token::{Scope, Token};
use crate::domain::user::{NewUser, Role, User};
use crate::store;

use super::{App, Error, require, secrets};

const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// How often a session notes that it is in use; more often would only wear the disk.
const SEEN_INTERVAL_SECONDS: i64 = 5 * 60;
const MAX_TOKEN_NAME_CHARS: usize = 100;
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
    let password_hash = match password {
        Some(password) => Some(app.passwords.run(|| secrets::hash_password(password))??),
        None => None,
    };
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

fn free_slug(tx: &mut WriteTx<'_>, name: &Name) -> Result<Slug, Error> {
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

/// Gives a person a new password and ends their sign-ins.
pub fn set_password(app: &App, actor: &Actor, email: &Email, password: &str) -> Result<(), Error> {
    require(actor, Act::ManageUsers)?;
    let hash = app.passwords.run(|| secrets::hash_password(password))??;
    app.db.write(|tx| {
        let user = store::users::by_email(tx, email)?.ok_or(Error::NotFound)?;
        store::users::set_password_hash(tx, user.id, Some(&hash))?;
        store::sessions::delete_all_of_user(tx, user.id)?;
        audit(
            tx,
            actor,
            "user.set-password",
            Noun::User,
            user.id.as_i64(),
            "",
        )?;
        tx.record(Change::hidden(Noun::User, user.id.as_i64(), Verb::Updated));
        Ok(())
    })
}

/// Opens a session for whoever knows the password.
pub fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    address: &str,
    agent: &str,
) -> Result<Issued<Session>, Error> {
    let known = match Email::parse(email) {
        Ok(email) => app.db.read(|tx| -> Result<_, Error> {
            let Some(user) = store::users::by_email(tx, &email)? else {
                return Ok(None);
            };
            let hash = store::users::password_hash(tx, user.id)?;
            Ok(Some((user, hash)))
        })?,
        Err(_) => None,
    };
    let hash = known.as_ref().and_then(|(_, hash)| hash.as_deref());
    let matches = app
        .passwords
        .run(|| secrets::verify_password(password, hash))?;
    let user = known
        .map(|(user, _)| user)
        .filter(|user| matches && !user.suspended)
        .ok_or_else(|| {
            Error::invalid(
                "password",
                "E-mail address and password do not belong together",
            )
        })?;
    let secret = secrets::new_secret()?;
    let session = app.db.write(|tx| {
        let now = tx.now();
        let session = Session {
            id: SessionId::from_i64(tx.new_id()),
            user: user.id,
            created_at: now,
            seen_at: now,
            expires_at: now.plus_seconds(SESSION_SECONDS),
            address: address.to_owned(),
            agent: agent.chars().take(MAX_AGENT_CHARS).collect(),
        };
        store::sessions::insert(tx, &session, &secrets::digest(&secret))?;
        let actor = Actor::signed_in(user.id, user.role, address);
        audit(
            tx,
            &actor,
            "session.create",
            Noun::Session,
            session.id.as_i64(),
            "",
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

/// Who holds this session's secret.
pub fn by_session(app: &App, secret: &str, address: &str) -> Result<(Actor, User), Error> {
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
    Ok((Actor::signed_in(user.id, user.role, address), user))
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

/// Makes a token for the user `email`, or for the actor when `None`.
pub fn create_token(
    app: &App,
    actor: &Actor,
    email: Option<&Email>,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<Timestamp>,
) -> Result<Issued<Token>, Error> {
    require(actor, Act::ManageSelf)?;
    if email.is_some() {
        require(actor, Act::ManageUsers)?;
    }
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_TOKEN_NAME_CHARS {
        return Err(Error::invalid(
            "name",
            "Name the token after what will use it",
        ));
    }
    if scopes.is_empty() {
        return Err(Error::invalid(
            "scopes",
            "Choose at least one of read, write, admin",
        ));
    }
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
    Ok((actor, user))
}

fn audit(
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
