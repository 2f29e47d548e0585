//! Somebody's tokens: looking at them, ending them, and what a new one may be given. Making one is in
//! `accounts`, because a token is a way to become an `Actor`.

use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{TokenId, UserId};
use crate::domain::place::{Place, Stretch};
use crate::domain::time::Timestamp;
use crate::domain::token::{Scope, Token};
use crate::store;

use super::{App, Error, accounts, require};

/// Tokens, the newest first: the actor's own, or those of `user`.
pub fn older(
    app: &App,
    actor: &Actor,
    user: Option<UserId>,
    after: Place,
    limit: u32,
) -> Result<Stretch<Token>, Error> {
    require(actor, Act::ManageSelf)?;
    let user = match user {
        Some(user) if Some(user) != actor.user() => {
            require(actor, Act::ManageUsers)?;
            user
        }
        _ => actor.user().ok_or(Error::Forbidden)?,
    };
    let before = TokenId::from_i64(after.id);
    let found = app
        .db
        .read(|tx| store::tokens::older_of_user(tx, user, before, limit + 1))?;
    let place = |token: &Token| Place::behind_id(token.id.as_i64());
    Ok(Stretch::of(found, limit, place))
}

/// One of the actor's own; for those who manage users, anybody's.
pub fn show(app: &App, actor: &Actor, id: TokenId) -> Result<Token, Error> {
    require(actor, Act::ManageSelf)?;
    app.db
        .read(|tx| store::tokens::by_id(tx, id))?
        .filter(|token| Some(token.user) == actor.user() || actor.may(Act::ManageUsers))
        .ok_or(Error::NotFound)
}

/// Ends a token that `agree` agrees to: one of the actor's own, that of somebody they may change, or for
/// the shell, anybody's.
pub fn revoke(
    app: &App,
    actor: &Actor,
    id: TokenId,
    agree: impl FnOnce(&Token) -> Result<(), Error>,
) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    app.db.write(|tx| {
        let token = store::tokens::by_id(tx, id)?.ok_or(Error::NotFound)?;
        if actor.user().is_some_and(|user| user != token.user) {
            let holder = store::users::by_id(tx, token.user)?.ok_or(Error::NotFound)?;
            require(actor, Act::ManageUsers).map_err(|_| Error::NotFound)?;
            require(actor, Act::ChangePerson(&holder))?;
        }
        agree(&token)?;
        store::tokens::delete(tx, id)?;
        let id = id.as_i64();
        accounts::audit(tx, actor, "token.revoke", Noun::Token, id, &token.name)?;
        tx.record(Change::hidden(Noun::Token, id, Verb::Deleted));
        Ok(())
    })
}

/// What is made with a token can do nothing that one cannot.
pub(super) fn check_scopes(actor: &Actor, scopes: &[Scope]) -> Result<(), Error> {
    if scopes.is_empty() {
        let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let message = format!("Choose at least one of {}", all.join(", "));
        return Err(Error::invalid("scopes", message));
    }
    match scopes.iter().find(|scope| !actor.scopes().contains(scope)) {
        None => Ok(()),
        Some(scope) => Err(Error::invalid(
            "scopes",
            format!("The token you came with has no “{scope}” to give"),
        )),
    }
}

/// How long a token lasts that was wanted until then: no longer than what it is made with.
pub(super) fn lifetime(
    actor: &Actor,
    wanted: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    if wanted.is_some_and(|wanted| wanted <= now) {
        return Err(Error::invalid("expires_at", "That is over already"));
    }
    match (wanted, actor.ends_at()) {
        (Some(wanted), Some(most)) if wanted > most => Err(Error::invalid(
            "expires_at",
            "The token you came with ends before that, and what it makes ends with it",
        )),
        (wanted, most) => Ok(wanted.or(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::Role;

    const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    fn holder(scopes: &[Scope], ends_at: Option<Timestamp>) -> Actor {
        let user = UserId::from_i64(1);
        Actor::with_token(user, Role::Owner, scopes.to_vec(), "").until(ends_at)
    }

    #[test]
    fn no_token_gives_what_it_does_not_have() {
        let both = [Scope::Read, Scope::Admin];
        let actor = holder(&both, None);
        assert!(check_scopes(&actor, &both).is_ok());
        assert!(check_scopes(&actor, &[]).is_err());
        let told = check_scopes(&actor, &[Scope::Read, Scope::Write]).unwrap_err();
        assert!(told.to_string().contains("“write”"), "{told}");
        assert!(check_scopes(&Actor::system(), Scope::ALL).is_ok());
    }

    #[test]
    fn no_token_makes_one_that_outlives_it() {
        let (soon, later) = (NOW.plus_seconds(10), NOW.plus_seconds(20));
        let short = holder(&[Scope::Admin], Some(soon));
        assert_eq!(lifetime(&short, None, NOW).unwrap(), Some(soon));
        assert_eq!(lifetime(&short, Some(soon), NOW).unwrap(), Some(soon));
        assert!(lifetime(&short, Some(later), NOW).is_err());
        let lasting = holder(&[Scope::Admin], None);
        assert_eq!(lifetime(&lasting, None, NOW).unwrap(), None);
        assert_eq!(lifetime(&lasting, Some(later), NOW).unwrap(), Some(later));
        assert!(lifetime(&lasting, Some(NOW), NOW).is_err());
    }
}
