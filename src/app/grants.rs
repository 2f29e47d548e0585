//! Letting others' programs in (`IndieAuth`): somebody allows one something, it comes with a code for its
//! token, and later asks about it or gives it back. Knows no HTTP and fetches nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::client::{ClientId, RedirectUri};
use crate::domain::grant::Grant;
use crate::domain::id::TokenId;
use crate::domain::token::{Scope, Token};
use crate::domain::user::{Role, User};
use crate::store;

use super::accounts::{self, Issued};
use super::{App, Error, require, secrets};

/// How long a program may take to come for its token.
const CODE_SECONDS: i64 = 5 * 60;
/// How long a code is known after that, so that its second use is seen.
pub const REMEMBERED_SECONDS: i64 = 24 * 3600;
const SECONDS_A_DAY: i64 = 24 * 3600;
pub const MAX_TOKEN_DAYS: u32 = 3_650;
/// PKCE: 32 bytes in base64url.
const CHALLENGE_CHARS: usize = 43;
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// What somebody is asked to allow.
#[derive(Debug, Clone)]
pub struct Asked {
    pub client: ClientId,
    pub redirect_uri: RedirectUri,
    pub challenge: String,
}

/// Whether this may be the hash of a program's secret.
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_CHARS
        && URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == 32)
}

/// Allows a program this much; the code with which it comes for it. `token_days`: how long its token
/// lasts, `None` until it is revoked.
pub fn allow(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    scopes: &[Scope],
    token_days: Option<u32>,
) -> Result<String, Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    if token_days.is_some_and(|days| days == 0 || days > MAX_TOKEN_DAYS) {
        let message = format!("Write a number of days from 1 to {MAX_TOKEN_DAYS}");
        return Err(Error::invalid("days", message));
    }
    let code = secrets::new_secret()?;
    app.db.write(|tx| {
        tx.quiet("nothing has changed before the program comes for it");
        let grant = Grant {
            user,
            client: asked.client.as_str().to_owned(),
            redirect_uri: asked.redirect_uri.as_str().to_owned(),
            challenge: asked.challenge.clone(),
            scopes: scopes.to_vec(),
            token_days,
            created_at: tx.now(),
            expires_at: tx.now().plus_seconds(CODE_SECONDS),
            used_at: None,
            token: None,
        };
        store::grants::insert(tx, &grant, &secrets::digest(&code))?;
        let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let detail = format!("{}: {}", asked.client, words.join(" "));
        accounts::audit(
            tx,
            actor,
            "client.allow",
            Noun::User,
            user.as_i64(),
            &detail,
        )
    })?;
    Ok(code)
}

/// What a program comes with.
#[derive(Debug, Clone)]
pub struct Claim {
    pub code: String,
    pub client: ClientId,
    pub redirect_uri: String,
    pub verifier: String,
    /// Where it comes from, for the audit log.
    pub address: String,
}

/// What it is given.
#[derive(Debug)]
pub struct Given {
    pub user: User,
    pub scopes: Vec<Scope>,
    pub token: Option<Issued<Token>>,
}

/// Gives a program its token for a code.
pub fn redeem(app: &App, claim: &Claim) -> Result<Given, Error> {
    let secret = secrets::new_secret()?;
    spend(app, claim, |tx, grant, user| {
        if grant.scopes.is_empty() {
            return Err(Error::invalid(
                "scope",
                "Nothing was asked for that needs a token; send the code to the authorization endpoint",
            ));
        }
        let days = grant.token_days.map(i64::from);
        let token = Token {
            id: TokenId::from_i64(tx.new_id()),
            user: user.id,
            name: grant.client.clone(),
            scopes: grant.scopes.clone(),
            client: Some(grant.client.clone()),
            created_at: tx.now(),
            expires_at: days.map(|days| tx.now().plus_seconds(days * SECONDS_A_DAY)),
            used_at: None,
        };
        store::tokens::insert(tx, &token, &secrets::digest(&secret))?;
        let (id, actor) = (
            token.id.as_i64(),
            Actor::signed_in(user.id, user.role, &claim.address),
        );
        accounts::audit(tx, &actor, "token.create", Noun::Token, id, &grant.client)?;
        tx.record(Change::hidden(Noun::Token, id, Verb::Created));
        Ok(Some(Issued {
            secret,
            item: token,
        }))
    })
}

/// Tells a program who it was that let it in, for a code, and gives it nothing.
pub fn identify(app: &App, claim: &Claim) -> Result<Given, Error> {
    spend(app, claim, |tx, _, _| {
        tx.quiet("a program was told who somebody is");
        Ok(None)
    })
}

/// Uses a code up. One that comes a second time has been in the wrong hands, and which of the two were
/// the wrong ones nobody knows: what was given for it ends.
fn spend(
    app: &App,
    claim: &Claim,
    give: impl FnOnce(&mut WriteTx<'_>, &Grant, &User) -> Result<Option<Issued<Token>>, Error>,
) -> Result<Given, Error> {
    let no = |why: &str| Error::invalid("code", why);
    let digest = secrets::digest(&claim.code);
    let outcome = app.db.write(|tx| {
        let found = store::grants::by_code_hash(tx, &digest)?;
        let grant = found.ok_or_else(|| no("This code is none of ours, or too old"))?;
        if grant.used_at.is_some() {
            tx.quiet("there may be nothing to take back");
            take_back(tx, &grant, &claim.address)?;
            return Ok(None);
        }
        if grant.expires_at <= tx.now() {
            return Err(no("This code is too old; ask for another"));
        }
        if grant.client != claim.client.as_str() {
            return Err(no("This code was given to another program"));
        }
        if grant.redirect_uri != claim.redirect_uri {
            return Err(no(
                "redirect_uri is not the one the code was asked for with",
            ));
        }
        if !answers(&claim.verifier, &grant.challenge) {
            return Err(no("code_verifier does not belong to this code"));
        }
        let user = store::users::by_id(tx, grant.user)?.filter(|user| !user.suspended);
        let user = user.ok_or_else(|| no("Whoever allowed this is not here any more"))?;
        let token = give(tx, &grant, &user)?;
        let id = token.as_ref().map(|token| token.item.id);
        store::grants::spend(tx, &digest, id)?;
        Ok::<_, Error>(Some(Given {
            user,
            scopes: grant.scopes,
            token,
        }))
    })?;
    outcome
        .ok_or_else(|| no("This code was used before; what was given for it has been taken back"))
}

fn take_back(tx: &mut WriteTx<'_>, grant: &Grant, address: &str) -> Result<(), Error> {
    let Some(token) = grant.token else {
        return Ok(());
    };
    let user = store::users::by_id(tx, grant.user)?.ok_or(Error::NotFound)?;
    let actor = Actor::signed_in(user.id, user.role, address);
    end(tx, &actor, token, "its code was used twice")
}

fn end(tx: &mut WriteTx<'_>, actor: &Actor, token: TokenId, why: &str) -> Result<(), Error> {
    store::tokens::delete(tx, token)?;
    let id = token.as_i64();
    accounts::audit(tx, actor, "token.revoke", Noun::Token, id, why)?;
    tx.record(Change::hidden(Noun::Token, id, Verb::Deleted));
    Ok(())
}

/// PKCE: only who asked knows what hashes to the challenge.
fn answers(verifier: &str, challenge: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    VERIFIER_CHARS.contains(&verifier.len())
        && verifier.bytes().all(is_plain)
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}

/// Ends the token with this secret, whoever comes with it. Whether there was one is nobody's business.
pub fn give_back(app: &App, secret: &str, address: &str) -> Result<(), Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    let find = |tx: &mut ReadTx<'_>| store::tokens::by_secret_hash(tx, &digest, now);
    // Guesses need not queue up with those who write.
    if app.db.read(find)?.is_none() {
        return Ok(());
    }
    app.db.write(|tx| {
        tx.quiet("somebody else may have been faster");
        let Some((token, user)) = find(tx)? else {
            return Ok(());
        };
        let actor = Actor::signed_in(user.id, user.role, address);
        end(tx, &actor, token.id, "given back")
    })
}

/// What there is to know about a token, for those who may: whoever holds one of the same person.
pub fn inspect(app: &App, actor: &Actor, secret: &str) -> Result<Option<(Token, User)>, Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    let found = app
        .db
        .read(|tx| store::tokens::by_secret_hash(tx, &digest, now))?;
    Ok(found.filter(|(_, user)| actor.user() == Some(user.id)))
}

/// The address a person is known by to others' programs: the owner by the site's, others by their page.
pub fn address_of(user: &User, base_url: &str) -> String {
    match user.role {
        Role::Owner => format!("{base_url}/"),
        _ => format!("{base_url}/author/{}", user.slug),
    }
}

/// Whether readers, and so programs, find somebody at that address.
pub fn has_page(app: &App, user: &User) -> Result<bool, Error> {
    if user.role == Role::Owner {
        return Ok(true);
    }
    let published = app
        .db
        .read(|tx| store::timeline::count_by_author(tx, user.id))?;
    Ok(published > 0)
}

/// What a program is told of somebody, as far as they let it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    pub name: String,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// `None`: nothing was allowed to be told.
pub fn profile(user: &User, scopes: &[Scope], base_url: &str) -> Option<Profile> {
    let actor = Actor::with_token(user.id, user.role, scopes.to_vec(), "");
    profile_for(&actor, user, base_url).ok()
}

/// The same for who holds a token.
pub fn profile_for(actor: &Actor, user: &User, base_url: &str) -> Result<Profile, Error> {
    require(actor, Act::TellProfile)?;
    let email = actor.may(Act::TellEmail).then(|| user.email.to_string());
    Ok(Profile {
        name: user.name.to_string(),
        url: address_of(user, base_url),
        email,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_behind_a_challenge_answers_it() {
        // RFC 7636, appendix B
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge) && answers(verifier, challenge));
        assert!(!answers(&verifier.to_lowercase(), challenge));
        assert!(!answers("short", challenge));
        assert!(!answers(&format!("{verifier} "), challenge));
        // The plain method: the challenge itself is no answer.
        assert!(!answers(challenge, challenge));
        for bad in ["", "short", &challenge[1..], &challenge.replace('E', "+")] {
            assert!(!is_challenge(bad), "{bad}");
        }
    }
}
