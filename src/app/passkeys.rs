//! Passkeys: keeping them, and letting in whoever holds one. The device has checked who they are, so
//! nothing else is asked.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PasskeyId, UserId};
use crate::domain::passkey::Passkey;
use crate::domain::user::User;
use crate::store;

use super::webauthn::{self, Assertion, Credential, Fault, Known, Party};
use super::{App, Error, accounts, require};

const MAX_PASSKEYS: usize = 20;
const MAX_NAME_CHARS: usize = 100;

/// A passkey that has shown that it was made for this site.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub credential: Credential,
    pub handle: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::invalid("passkey", fault)
    }
}

/// Keeps a passkey of the actor's.
pub fn add(app: &App, actor: &Actor, new: &NewPasskey) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    app.db.write(|tx| keep(tx, actor, user, new))
}

pub(super) fn keep(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    user: UserId,
    new: &NewPasskey,
) -> Result<(), Error> {
    if store::passkeys::of_user(tx, user)?.len() >= MAX_PASSKEYS {
        return Err(Error::Conflict(format!(
            "there are {MAX_PASSKEYS} passkeys already; remove one that is not used any more"
        )));
    }
    if store::passkeys::by_credential(tx, &new.credential.id)?.is_some() {
        return Err(Error::Conflict("this passkey is here already".to_owned()));
    }
    let name: String = new.name.trim().chars().take(MAX_NAME_CHARS).collect();
    let passkey = Passkey {
        id: PasskeyId::from_i64(tx.new_id()),
        user,
        credential: new.credential.id.clone(),
        handle: new.handle.clone(),
        public_key: new.credential.public_key.clone(),
        sign_count: new.credential.sign_count,
        name,
        created_at: tx.now(),
        used_at: None,
    };
    store::passkeys::insert(tx, &passkey)?;
    let id = passkey.id.as_i64();
    accounts::audit(tx, actor, "passkey.add", Noun::Passkey, id, &passkey.name)?;
    tx.record(Change::hidden(Noun::Passkey, id, Verb::Created));
    Ok(())
}

pub fn of_user(app: &App, user: UserId) -> Result<Vec<Passkey>, Error> {
    Ok(app.db.read(|tx| store::passkeys::of_user(tx, user))?)
}

/// Takes one of the actor's passkeys away; the last one only where there is a password.
pub fn remove(app: &App, actor: &Actor, id: PasskeyId) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    app.db.write(|tx| {
        let own = store::passkeys::of_user(tx, user)?;
        let found = own.iter().find(|own| own.id == id).ok_or(Error::NotFound)?;
        if own.len() == 1 && store::users::password_hash(tx, user)?.is_none() {
            return Err(Error::Conflict(
                "this passkey is your only way in; set a password first".to_owned(),
            ));
        }
        store::passkeys::delete(tx, id)?;
        let number = id.as_i64();
        accounts::audit(
            tx,
            actor,
            "passkey.remove",
            Noun::Passkey,
            number,
            &found.name,
        )?;
        tx.record(Change::hidden(Noun::Passkey, number, Verb::Deleted));
        Ok(())
    })
}

/// Whose passkey has signed this challenge.
pub fn holder(app: &App, party: &Party, given: &Assertion, challenge: &str) -> Result<User, Error> {
    app.db.write(|tx| {
        tx.quiet("the session that follows is the news");
        let found = store::passkeys::by_credential(tx, &given.credential)?;
        let (passkey, user) = found
            .ok_or_else(|| Error::invalid("passkey", "This passkey is not known here any more"))?;
        let known = Known {
            public_key: &passkey.public_key,
            handle: &passkey.handle,
            sign_count: passkey.sign_count,
        };
        let count = webauthn::asserted(party, known, given, challenge)?;
        store::passkeys::touch(tx, passkey.id, count)?;
        Ok(user)
    })
}
