//! How people come: the link that claims a new site, and invitations. Either lets in once.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::InvitationId;
use crate::domain::invitation::Invitation;
use crate::domain::text::{Email, Name, Title};
use crate::domain::time::Timestamp;
use crate::domain::user::{NewUser, Role, User};
use crate::store;

use super::accounts::{self, Issued};
use super::passkeys::{self, NewPasskey};
use super::{App, Error, require, secrets};

const CLAIM_SECONDS: i64 = 30 * 60;
const INVITATION_SECONDS: i64 = 7 * 24 * 3600;
const MAX_NOTE_CHARS: usize = 100;
/// Invitations that may be open at the same time.
const MAX_OPEN: usize = 100;

/// How a site stands that may not have an owner yet.
#[derive(Debug)]
pub enum Claim {
    Claimed,
    /// A link that was made before is good until then.
    Open(Timestamp),
    /// The secret of a new link.
    New(String),
}

/// Makes a link that claims the site, if nobody has yet. One that is still good stays so, unless a
/// new one is wanted.
pub fn claim_link(app: &App, wants_new: bool) -> Result<Claim, Error> {
    let secret = secrets::new_secret()?;
    app.db.write(|tx| {
        tx.quiet("a site nobody owns has nobody to tell");
        if store::users::owner(tx)?.is_some() {
            return Ok(Claim::Claimed);
        }
        let now = tx.now();
        let open = store::invitations::open(tx, now)?;
        for claim in open.iter().filter(|open| open.role == Role::Owner) {
            if !wants_new {
                return Ok(Claim::Open(claim.expires_at));
            }
            store::invitations::delete(tx, claim.id)?;
        }
        let claim = Invitation {
            id: InvitationId::from_i64(tx.new_id()),
            role: Role::Owner,
            note: String::new(),
            created_by: None,
            created_at: now,
            expires_at: now.plus_seconds(CLAIM_SECONDS),
        };
        store::invitations::insert(tx, &claim, &secrets::digest(&secret))?;
        Ok(Claim::New(secret.clone()))
    })
}

/// Whether nobody has claimed the site yet and this link does.
pub fn may_claim(app: &App, secret: &str) -> Result<(), Error> {
    let claim = open(app, secret, true)?;
    match app.db.read(store::users::owner)? {
        None => Ok(claim).map(drop),
        Some(_) => Err(Error::NotFound),
    }
}

/// The invitation a link holds.
pub fn invitation(app: &App, secret: &str) -> Result<Invitation, Error> {
    open(app, secret, false)
}

fn open(app: &App, secret: &str, claims: bool) -> Result<Invitation, Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    app.db
        .read(|tx| store::invitations::by_secret_hash(tx, &digest, now))?
        .filter(|found| (found.role == Role::Owner) == claims)
        .ok_or(Error::NotFound)
}

/// Somebody who comes, and what they will show at the door.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub name: Name,
    pub email: Email,
    pub proof: Proof,
}

#[derive(Debug, Clone)]
pub enum Proof {
    Password(String),
    Passkey(NewPasskey),
}

/// Makes the owner of a site that had none, and gives the site its title.
pub fn claim(
    app: &App,
    secret: &str,
    title: Title,
    newcomer: &Newcomer,
    address: &str,
) -> Result<User, Error> {
    if title.as_str().is_empty() {
        return Err(Error::invalid("title", "Give the site a title"));
    }
    let known_title = title.as_str().to_owned();
    let password_hash = hash(app, newcomer, &known_title)?;
    join(app, secret, true, newcomer, password_hash, address, |tx| {
        if store::users::owner(tx)?.is_some() {
            return Err(Error::NotFound);
        }
        let mut settings = store::settings::read(tx)?;
        settings.title = title;
        store::settings::write(tx, &settings)?;
        tx.record(Change::visible(Noun::Settings, 0, Verb::Updated));
        Ok(())
    })
}

/// Makes a user of whoever holds an invitation.
pub fn accept(app: &App, secret: &str, newcomer: &Newcomer, address: &str) -> Result<User, Error> {
    let settings = app.db.read(store::settings::read)?;
    let password_hash = hash(app, newcomer, settings.title.as_str())?;
    join(app, secret, false, newcomer, password_hash, address, |_| {
        Ok(())
    })
}

fn hash(app: &App, newcomer: &Newcomer, title: &str) -> Result<Option<String>, Error> {
    let Proof::Password(password) = &newcomer.proof else {
        return Ok(None);
    };
    let known = [newcomer.email.as_str(), newcomer.name.as_str(), title];
    let hash = || secrets::hash_password(password, &known);
    app.passwords.run(hash)?.map(Some)
}

fn join(
    app: &App,
    secret: &str,
    claims: bool,
    newcomer: &Newcomer,
    password_hash: Option<String>,
    address: &str,
    prepare: impl FnOnce(&mut WriteTx<'_>) -> Result<(), Error>,
) -> Result<User, Error> {
    let digest = secrets::digest(secret);
    app.db.write(|tx| {
        let now = tx.now();
        let invitation = store::invitations::by_secret_hash(tx, &digest, now)?
            .filter(|found| (found.role == Role::Owner) == claims)
            .ok_or(Error::NotFound)?;
        prepare(tx)?;
        if store::users::by_email(tx, &newcomer.email)?.is_some() {
            return Err(Error::invalid(
                "email",
                "Somebody with this address is here already",
            ));
        }
        let new = NewUser {
            email: newcomer.email.clone(),
            name: newcomer.name.clone(),
            slug: accounts::free_slug(tx, &newcomer.name)?,
            role: invitation.role,
            password_hash,
        };
        let user = store::users::insert(tx, &new)?;
        store::invitations::delete(tx, invitation.id)?;
        let actor = Actor::signed_in(user.id, user.role, address);
        let act = if claims {
            "site.claim"
        } else {
            "invitation.accept"
        };
        let id = user.id.as_i64();
        accounts::audit(tx, &actor, act, Noun::User, id, user.role.as_str())?;
        tx.record(Change::hidden(Noun::User, id, Verb::Created));
        if let Proof::Passkey(passkey) = &newcomer.proof {
            passkeys::keep(tx, &actor, user.id, passkey)?;
        }
        Ok(user)
    })
}

/// Makes a link that lets somebody join.
pub fn invite(
    app: &App,
    actor: &Actor,
    role: Role,
    note: &str,
) -> Result<Issued<Invitation>, Error> {
    require(actor, Act::ManageUsers)?;
    require(actor, Act::GiveRole(role))?;
    let note = note.trim();
    if note.chars().count() > MAX_NOTE_CHARS {
        let message = format!("Shorten this to {MAX_NOTE_CHARS} characters");
        return Err(Error::invalid("note", message));
    }
    let secret = secrets::new_secret()?;
    let item = app.db.write(|tx| {
        let now = tx.now();
        if store::invitations::open(tx, now)?.len() >= MAX_OPEN {
            return Err(Error::Conflict(format!(
                "there are {MAX_OPEN} open invitations; take some back first"
            )));
        }
        let invitation = Invitation {
            id: InvitationId::from_i64(tx.new_id()),
            role,
            note: note.to_owned(),
            created_by: actor.user(),
            created_at: now,
            expires_at: now.plus_seconds(INVITATION_SECONDS),
        };
        store::invitations::insert(tx, &invitation, &secrets::digest(&secret))?;
        let id = invitation.id.as_i64();
        let detail = format!("{role} {note}");
        accounts::audit(
            tx,
            actor,
            "invitation.create",
            Noun::Invitation,
            id,
            detail.trim(),
        )?;
        tx.record(Change::hidden(Noun::Invitation, id, Verb::Created));
        Ok(invitation)
    })?;
    Ok(Issued { secret, item })
}

/// The invitations that still let somebody in.
pub fn invitations(app: &App, actor: &Actor) -> Result<Vec<Invitation>, Error> {
    require(actor, Act::ManageUsers)?;
    let now = app.db.clock().now();
    let mut open = app.db.read(|tx| store::invitations::open(tx, now))?;
    open.retain(|open| open.role != Role::Owner);
    Ok(open)
}

/// Takes an invitation back.
pub fn uninvite(app: &App, actor: &Actor, id: InvitationId) -> Result<(), Error> {
    require(actor, Act::ManageUsers)?;
    app.db.write(|tx| {
        store::invitations::delete(tx, id)?;
        let id = id.as_i64();
        accounts::audit(tx, actor, "invitation.revoke", Noun::Invitation, id, "")?;
        tx.record(Change::hidden(Noun::Invitation, id, Verb::Deleted));
        Ok(())
    })
}
