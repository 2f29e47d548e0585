//! What the script asks before it turns to the device: questions that are good once, and what kinds of
//! passkeys are wanted. The device's answer comes back in a field of the page's own form.

use std::time::Instant;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::passkeys::NewPasskey;
use crate::app::webauthn::{self, ALGORITHMS, Assertion, Fault, Party, Registration};
use crate::app::{self, joining, passkeys, secrets};
use crate::domain::user::User;
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::state::Site;
use crate::web::waiting::{self, Waiter, Whose};
use crate::web::{client, identity};

use super::agent;

/// As many bytes as a passkey's holder may be called by, at most, is 64.
const HANDLE_BYTES: usize = 32;

fn party(site: &Site) -> Result<Party, app::Error> {
    Party::of(&site.base_url).ok_or_else(|| {
        app::Error::invalid(
            "passkey",
            "Passkeys need the site to have a name and HTTPS (site.url)",
        )
    })
}

/// Whether browsers have passkeys for this site.
pub(super) fn are_possible(site: &Site) -> bool {
    Party::of(&site.base_url).is_some()
}

fn put(site: &Site, request: &HttpRequest, waiter: Waiter) -> Result<String, app::Error> {
    let peer = client::address(request, &site.trusted_proxies);
    site.waiting.put(waiter, peer, Instant::now())
}

fn question(options: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(options)
}

/// For somebody who has a passkey, whoever that is.
pub(in crate::web) async fn ask_signature(
    request: HttpRequest,
    site: Data<Site>,
    _form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let party = party(&site)?;
    let challenge = put(&site, &request, Waiter::Signature)?;
    Ok(question(&json!({
        "challenge": challenge,
        "rpId": party.id,
        "userVerification": "required",
        "timeout": waiting::LASTS.as_millis(),
    })))
}

/// For somebody who is signed in and wants another passkey.
pub(in crate::web) async fn ask_of_person(
    request: HttpRequest,
    site: Data<Site>,
    _form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let id = visitor.user.id;
    let known = site
        .work(move |site| passkeys::of_user(&site.app, id))
        .await?;
    let known = known.iter().map(|known| &*known.credential);
    let User { name, email, .. } = &visitor.user;
    let called = (name.as_str(), email.as_str());
    creation(&site, &request, Whose::User(id), called, known)
}

/// For whoever holds the link that claims the site.
pub(in crate::web) async fn ask_of_claimer(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let secret = secret.into_inner();
    let asked = secret.clone();
    identity::try_out(&site, &request, "", move |site| {
        joining::may_claim(&site.app, &asked)
    })
    .await?;
    of_link(&site, &request, secret, &form.0)
}

/// For whoever holds an invitation.
pub(in crate::web) async fn ask_of_invited(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let secret = secret.into_inner();
    let asked = secret.clone();
    identity::try_out(&site, &request, "", move |site| {
        joining::invitation(&site.app, &asked).map(drop)
    })
    .await?;
    of_link(&site, &request, secret, &form.0)
}

fn of_link(
    site: &Site,
    request: &HttpRequest,
    secret: String,
    form: &Fields,
) -> Result<HttpResponse, Error> {
    let called = (form.get("name"), form.get("email"));
    creation(
        site,
        request,
        Whose::Link(secret),
        called,
        std::iter::empty(),
    )
}

fn creation<'a>(
    site: &Site,
    request: &HttpRequest,
    whose: Whose,
    (name, email): (&str, &str),
    known: impl Iterator<Item = &'a [u8]>,
) -> Result<HttpResponse, Error> {
    let party = party(site)?;
    let handle = secrets::random::<HANDLE_BYTES>()?.to_vec();
    let written = URL_SAFE_NO_PAD.encode(&handle);
    let challenge = put(site, request, Waiter::NewPasskey { whose, handle })?;
    let kind = "public-key";
    let known = known.map(|id| json!({ "type": kind, "id": URL_SAFE_NO_PAD.encode(id) }));
    Ok(question(&json!({
        "challenge": challenge,
        "rp": { "id": party.id, "name": site.settings_at_hand().title.as_str() },
        "user": { "id": written, "name": email, "displayName": name },
        "pubKeyCredParams": ALGORITHMS.map(|number| json!({ "type": kind, "alg": number })),
        "excludeCredentials": known.collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "attestation": "none",
        "timeout": waiting::LASTS.as_millis(),
    })))
}

/// The passkey that was made for `whose`, from the field of a form.
pub(super) fn made(
    site: &Site,
    request: &HttpRequest,
    whose: &Whose,
    form: &Fields,
) -> Result<NewPasskey, app::Error> {
    let given = Registration::read(form.get("passkey"))?;
    let challenge = given.challenge()?;
    let handle = match site.waiting.take(&challenge, Instant::now()) {
        Some(Waiter::NewPasskey { whose: was, handle }) if was == *whose => handle,
        _ => return Err(Fault::Challenge.into()),
    };
    let name = match form.get("passkey_name").trim() {
        "" => agent::device(&identity::arrival(site, request).agent),
        name => name.to_owned(),
    };
    Ok(NewPasskey {
        credential: webauthn::registered(&party(site)?, &given, &challenge)?,
        handle,
        name,
    })
}

/// Whose passkey has signed, from the field of a form. Blocks.
pub(super) fn signer(site: &Site, json: &str) -> Result<User, app::Error> {
    let given = Assertion::read(json)?;
    let challenge = given.challenge()?;
    match site.waiting.take(&challenge, Instant::now()) {
        Some(Waiter::Signature) => passkeys::holder(&site.app, &party(site)?, &given, &challenge),
        _ => Err(Fault::Challenge.into()),
    }
}
