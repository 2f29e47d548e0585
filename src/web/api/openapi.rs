//! The description of the API (`OpenAPI` 3.1), put together from what stands on the handlers and the types
//! they take and send. What follows from the table of addresses and is the same everywhere (who may come,
//! how things go wrong) is added here, so that no handler can forget or misstate it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, HttpMethod, OpenApi as Description, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{OpenApi, ToSchema};

use super::answers;
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::{Access, addresses, respond};

use super::noun::Noun;

const TOKEN: &str = "token";

/// Every resource describes itself; a line each.
fn parts() -> Vec<Description> {
    vec![
        super::posts::Described::openapi(),
        super::sharing::Described::openapi(),
        super::revisions::Described::openapi(),
        super::tags::Described::openapi(),
        super::search::Described::openapi(),
        super::site::Described::openapi(),
        super::authors::Described::openapi(),
        super::media::Described::openapi(),
        super::uploads::Described::openapi(),
        super::me::Described::openapi(),
        super::users::Described::openapi(),
        super::invitations::Described::openapi(),
        super::tokens::Described::openapi(),
        super::settings::Described::openapi(),
        super::redirects::Described::openapi(),
        super::audit::Described::openapi(),
        super::webhooks::Described::openapi(),
    ]
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Inkstand",
        version = "1",
        description = "Everything the pages of a blog can do, for programs.\n\n\
            What readers see may be read by anyone, unless the site's owner has switched that off. For the rest, send \
            a token: `Authorization: Bearer …`. A token does what its holder may do, as far as its scopes go.\n\n\
            Lists come in parts: ask again with `cursor` set to the `next` of the answer before, until that is `null`. \
            Things carry an `ETag`; send it back as `If-Match` with a change, and nothing that somebody else wrote \
            meanwhile is lost. `PATCH` takes a merge patch: a field left out stays as it is, `null` empties it.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This site")),
    components(schemas(ProblemDocument, WrongField)),
    tags(
        (name = "posts", description = "What is written, one after the other."),
        (name = "pages", description = "What stands alone, outside the timeline."),
        (name = "tags", description = "What posts are grouped by."),
        (name = "revisions", description = "What posts said before."),
        (name = "search", description = "What readers find."),
        (name = "site", description = "What the site says of itself."),
        (name = "authors", description = "Those who have published something."),
        (name = "media", description = "Uploaded files."),
        (name = "users", description = "Those who write here, and inviting them."),
        (name = "tokens", description = "What programs come with."),
        (name = "settings", description = "What the site is called and looks like."),
        (name = "redirects", description = "Addresses that lead elsewhere, and those nobody found."),
        (name = "audit", description = "What was done."),
    )
)]
struct Whole;

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/api/docs#problem-invalid", "status": 422, "code": "invalid", "title": "Unprocessable Entity",
    "detail": "Some of what was sent is not right.",
    "errors": [{ "field": "slug", "message": "…" }], "request_id": "000000000000001f"
}))]
#[expect(
    dead_code,
    reason = "it is there to be described; `web/error.rs` writes it"
)]
struct ProblemDocument {
    r#type: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What it is, in one word that stays the same: decide by this one.
    code: String,
    title: String,
    /// What went wrong and what to do, in words for people.
    detail: String,
    /// What is wrong with each field of what was sent.
    errors: Option<Vec<WrongField>>,
    /// What this request is called in the site's log.
    request_id: String,
}

/// What is wrong with one field.
#[derive(ToSchema)]
#[schema(as = FieldProblem)]
#[expect(
    dead_code,
    reason = "it is there to be described; `web/error.rs` writes it"
)]
struct WrongField {
    /// The field, or `body` or `query` where it is about the whole.
    field: String,
    message: String,
}

/// How requests fail: the status, the name of the answer, and when that happens.
const FAILURES: &[(&str, &str, &str)] = &[
    (
        "400",
        "BadRequest",
        "What was sent cannot be read: broken JSON, or a broken request.",
    ),
    (
        "401",
        "Unauthenticated",
        "There is no token, or one that is unknown or has run out.",
    ),
    (
        "403",
        "Forbidden",
        "The token's holder may not do this, or the token has no scope for it.",
    ),
    ("404", "NotFound", "There is no such thing, or not for you."),
    (
        "409",
        "Conflict",
        "It does not fit what is there now; `detail` says why.",
    ),
    (
        "412",
        "PreconditionFailed",
        "It has been changed since the state that `If-Match` names.",
    ),
    ("413", "TooLarge", "The body is larger than it may be."),
    (
        "414",
        "AddressTooLong",
        "The address is longer than it may be; send what is long in the body.",
    ),
    (
        "415",
        "UnsupportedMediaType",
        "The body is of a kind that is not taken here.",
    ),
    (
        "422",
        "Invalid",
        "Some of what was sent is not right; `errors` names each field.",
    ),
    (
        "429",
        "RateLimited",
        "Too many requests; `Retry-After` says how many seconds to wait.",
    ),
    (
        "503",
        "Unavailable",
        "Not now; `Retry-After` says how many seconds to wait.",
    ),
    ("default", "Failed", "Anything else that can go wrong."),
];

/// The whole description.
pub(in crate::web) fn document() -> Description {
    let mut whole = Whole::openapi();
    for part in parts() {
        whole.merge(part);
    }
    pages_like_posts(&mut whole);
    let access: BTreeMap<String, Access> = addresses().into_iter().collect();
    for (path, item) in &mut whole.paths.paths {
        let access = access.get(path).copied().unwrap_or(Access::Program);
        for (method, operation) in operations(item) {
            complete(path, access, &method, operation);
        }
    }
    let components = whole.components.get_or_insert_default();
    for (status, name, description) in FAILURES {
        let mut response = failure(description);
        if matches!(*status, "429" | "503") {
            add_header(&mut response, "Retry-After", "So many seconds.");
        }
        components
            .responses
            .insert((*name).to_owned(), response.into());
    }
    let scheme = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token, made on the page “Security” or with `inkstand token create`. It has one or more of the scopes \
             `read`, `write` and `admin`.",
        ))
        .build();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
    whole
}

/// Pages are asked for like posts, at addresses of their own: what is said of posts is said of them.
fn pages_like_posts(whole: &mut Description) {
    let posts = whole.paths.paths.iter();
    let pages: Vec<_> = posts
        .filter_map(|(path, item)| {
            let rest = path.strip_prefix(Noun::Posts.address())?;
            Some((format!("{}{rest}", Noun::Pages.address()), item.clone()))
        })
        .collect();
    for (path, mut item) in pages {
        for (_, operation) in operations(&mut item) {
            let words = [
                &mut operation.operation_id,
                &mut operation.summary,
                &mut operation.description,
            ];
            for text in words.into_iter().flatten() {
                *text = text.replace("post", "page").replace("Post", "Page");
            }
            for group in operation.tags.iter_mut().flatten() {
                *group = group.replace("post", "page");
            }
            // There is but one kind of them.
            let parameters = operation.parameters.get_or_insert_default();
            parameters.retain(
                |parameter| !matches!(parameter, RefOr::T(parameter) if parameter.name == "kind"),
            );
        }
        whole.paths.paths.insert(path, item);
    }
}

/// The operations of an address.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// Adds what follows from the address, from who may come to it, and from what it takes.
fn complete(path: &str, access: Access, method: &HttpMethod, operation: &mut Operation) {
    let is_reading = *method == HttpMethod::Get;
    let with_token = SecurityRequirement::new(TOKEN, Vec::<String>::new());
    operation.security = Some(match access {
        Access::Anyone => vec![],
        Access::Reader if is_reading => vec![SecurityRequirement::default(), with_token],
        _ => vec![with_token],
    });
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let takes = |place: &ParameterIn, name: &str| {
        parameters.iter().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == *place && parameter.name == name,
            RefOr::Ref(_) => false,
        })
    };
    let is_list = takes(&ParameterIn::Query, "cursor");
    let is_kept = takes(&ParameterIn::Header, "If-None-Match");
    let is_guarded = takes(&ParameterIn::Header, "If-Match");
    let has_body = operation.request_body.is_some();
    let is_long = parameters.iter().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    });
    let takes_key = *method == HttpMethod::Post && !answers::holds_secret(Some(path));
    let wanted = |status: &str| match status {
        "400" => has_body || takes_key,
        "413" | "415" => has_body,
        "414" => is_long,
        "401" | "403" => access != Access::Anyone,
        "404" => path.contains('{'),
        "409" => !is_reading,
        "412" => is_guarded,
        _ => true,
    };
    if takes_key {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(answers::parameter().into());
    }
    let responses = &mut operation.responses.responses;
    for (status, response) in &mut *responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            if is_kept || is_guarded || *status == "201" {
                add_header(response, "ETag", "Which state this is.");
            }
            if is_list {
                add_header(
                    response,
                    "Link",
                    "Where the next part and the first are (RFC 8288).",
                );
            }
            if *status == "201" {
                add_header(response, "Location", "Where it is from now on.");
            }
        }
    }
    if is_kept {
        let response = Response::new("It is as you have it.");
        responses.entry("304".to_owned()).or_insert(response.into());
    }
    for (status, name, _) in FAILURES.iter().filter(|(status, ..)| wanted(status)) {
        let response = Ref::from_response_name(*name);
        let entry = responses.entry((*status).to_owned());
        entry.or_insert(response.into());
    }
}

fn add_header(response: &mut Response, name: &str, description: &str) {
    // A link to a preview is no thing with states, and has no address of its own either.
    if response.content.is_empty() {
        return;
    }
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let header = HeaderBuilder::new().schema(Some(text));
    let header = header.description(Some(description)).build();
    let headers = &mut response.headers;
    headers.entry(name.to_owned()).or_insert(header.into());
}

fn failure(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

static PAGE: LazyLock<Option<Arc<Page>>> = LazyLock::new(|| {
    let text = document().to_json().ok()?;
    let page = Page::new(200, "application/json", text);
    Some(Arc::new(page.with_header(
        "cache-control",
        "public, max-age=0, must-revalidate",
    )))
});

/// The description, for whoever asks; there is nothing secret in it.
pub(in crate::web) async fn show(request: HttpRequest) -> Result<HttpResponse, Error> {
    match &*PAGE {
        Some(page) => Ok(respond::page(&request, page).await),
        None => Err(crate::app::Error::internal("the description cannot be written").into()),
    }
}

#[cfg(test)]
#[path = "openapi/tests.rs"]
mod tests;
