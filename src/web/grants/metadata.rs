//! The document that says where everything is (RFC 8414, as `IndieAuth` uses it).

use actix_web::HttpResponse;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;
use serde_json::json;

use crate::web::state::Site;

use super::{AUTHORIZE, INTROSPECT, REVOKE, TOKEN, USERINFO, issuer};

/// What programs may ask for.
pub(in crate::web) const OFFERED: [&str; 9] = [
    "create", "draft", "update", "delete", "undelete", "media", "read", "profile", "email",
];
/// How long it may be kept: it changes with the program's version alone.
const KEPT: &str = "public, max-age=3600";

pub(in crate::web) async fn show(site: Data<Site>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", site.base_url);
    let document = json!({
        "issuer": issuer(&site),
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "introspection_endpoint": at(INTROSPECT),
        "introspection_endpoint_auth_methods_supported": ["Bearer"],
        "revocation_endpoint": at(REVOKE),
        "revocation_endpoint_auth_methods_supported": ["none"],
        "userinfo_endpoint": at(USERINFO),
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": OFFERED,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
        "service_documentation": "https://indieauth.spec.indieweb.org/",
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, KEPT))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(document.to_string())
}
