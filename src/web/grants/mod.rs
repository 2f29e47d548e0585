//! Letting others' programs in, as `IndieAuth` has it: where everything is, codes for tokens, and what may
//! be asked about a token. Somebody is asked for their consent in the writing room (`admin/consent.rs`).

pub(super) mod authorize;
pub(super) mod known;
pub(super) mod metadata;
mod refused;
pub(super) mod token;

use actix_web::HttpRequest;
use actix_web::web::Bytes;

pub(super) use refused::{Refused, answer, json, preflight};

use super::forms::Fields;
use crate::app;
use crate::app::grants::Claim;
use crate::domain::client::ClientId;

use super::identity;
use super::state::Site;

pub(super) const METADATA: &str = "/.well-known/oauth-authorization-server";
pub(super) const AUTHORIZE: &str = "/indieauth/authorize";
pub(super) const TOKEN: &str = "/indieauth/token";
pub(super) const INTROSPECT: &str = "/indieauth/introspect";
pub(super) const REVOKE: &str = "/indieauth/revoke";
pub(super) const USERINFO: &str = "/indieauth/userinfo";
pub const MICROPUB: &str = "/micropub";
/// Files for entries.
pub(super) const MICROPUB_MEDIA: &str = "/micropub/media";

/// Who says that somebody is let in.
pub(super) fn issuer(site: &Site) -> String {
    format!("{}/", site.base_url)
}

/// What pages of people say about all this: relations and addresses. Programs from before there was
/// a document of them look for the two in the middle.
pub(super) fn relations(site: &Site) -> [(&'static str, String); 4] {
    [
        ("indieauth-metadata", METADATA),
        ("authorization_endpoint", AUTHORIZE),
        ("token_endpoint", TOKEN),
        ("micropub", MICROPUB),
    ]
    .map(|(relation, path)| (relation, format!("{}{path}", site.base_url)))
}

/// The same as a header.
pub(super) fn link_header(site: &Site) -> String {
    let links = relations(site).map(|(relation, url)| format!("<{url}>; rel=\"{relation}\""));
    links.join(", ")
}

/// A form of another program.
fn fields(body: &Bytes) -> Fields {
    let pairs = url::form_urlencoded::parse(body);
    Fields(pairs.into_owned().collect())
}

/// A field that has to be there.
fn needed(form: &Fields, name: &'static str) -> Result<String, app::Error> {
    match form.get(name) {
        "" => Err(app::Error::invalid(name, "It is missing")),
        text => Ok(text.to_owned()),
    }
}

fn claim(site: &Site, request: &HttpRequest, form: &Fields) -> Result<Claim, app::Error> {
    let client = ClientId::parse(&needed(form, "client_id")?);
    Ok(Claim {
        code: needed(form, "code")?,
        client: client.map_err(|error| app::Error::invalid("client_id", error))?,
        redirect_uri: needed(form, "redirect_uri")?,
        verifier: needed(form, "code_verifier")?,
        address: identity::address(site, request),
    })
}
