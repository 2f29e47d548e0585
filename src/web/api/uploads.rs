//! Sending files over the API, as a form (`multipart/form-data`) or as nothing but the bytes. Either way
//! they go to the disk as they come.

use actix_web::http::header::{CONTENT_DISPOSITION, ContentDisposition};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app;
use crate::app::media;
use crate::domain::actor::Actor;
use crate::web::admin::media::sent;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::check::Check;
use super::media::{MediaObject, id_of, version};
use super::preconditions::{IfMatch, IfMatchHeader};
use super::question::{Filters, Question};

#[derive(OpenApi)]
#[openapi(paths(create, replace), components(schemas(MediaObject)))]
pub(super) struct Described;

/// The form a file is sent in.
#[derive(Debug, ToSchema)]
#[schema(as = MediaUpload)]
#[expect(
    dead_code,
    reason = "it is there to be described; the form is read as it comes"
)]
struct UploadForm {
    /// The file, with its name.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// What there is to see.
    #[schema(value_type = String, required = false, max_length = 1000)]
    alt: Option<String>,
    /// What stands under it.
    #[schema(value_type = String, required = false, max_length = 2000)]
    caption: Option<String>,
}

/// A file as nothing but its bytes.
#[derive(Debug, ToSchema)]
#[schema(as = FileBytes, value_type = String, format = Binary)]
#[expect(
    dead_code,
    reason = "it is there to be described; the body is read as it comes"
)]
struct FileBytes(Vec<u8>);

/// Where only the bytes are sent, the rest is said in the address.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct UploadQuestion {
    /// What the file is called, where only its bytes are sent. `Content-Disposition` may say it, too.
    #[param(required = false, max_length = 200)]
    name: String,
    /// What there is to see, where only the bytes are sent.
    #[param(required = false, max_length = 1000)]
    alt: String,
    /// What stands under it, where only the bytes are sent.
    #[param(required = false, max_length = 2000)]
    caption: String,
}

impl Filters for UploadQuestion {
    const FIELDS: &'static [&'static str] = &["name", "alt", "caption"];
}

impl UploadQuestion {
    /// Looked at also where a form says it all: what is too long is not meant.
    fn check(&self) -> Result<(), app::Error> {
        let mut check = Check::default();
        for (field, words, most) in [
            ("name", &self.name, media::MAX_NAME_CHARS),
            ("alt", &self.alt, media::MAX_ALT_CHARS),
            ("caption", &self.caption, media::MAX_CAPTION_CHARS),
        ] {
            check.short(field, words, most);
        }
        check.done(())
    }
}

/// Send a file
///
/// As a form, or as its bytes alone with any other content type: what it is, is told by its bytes. A file that
/// is here already is not kept twice: the answer is then 200 and the first one.
#[utoipa::path(
    post, path = "/api/v1/media", operation_id = "createMedia", tag = "media",
    params(UploadQuestion),
    request_body(content(
        (UploadForm = "multipart/form-data"), (FileBytes = "application/octet-stream")
    )),
    responses(
        (status = 200, description = "It was here already.", body = MediaObject),
        (status = 201, description = "It is kept.", body = MediaObject),
    ),
)]
pub(in crate::web) async fn create(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Question(question): Question<UploadQuestion>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let sent = one(&site, &actor, &request, question, body).await?;
    let kept = site.work(move |site| {
        let words = [&*sent.alt, &*sent.caption];
        media::add_described(&site.app, &actor, sent.draft, &sent.name, words)
    });
    let (media, is_new) = kept.await.map_err(Error::from)?;
    let object = MediaObject::of(&site, &media);
    let version = version(&media);
    let answer = if is_new {
        let path = format!("/api/v1/media/{}", media.id);
        answer::created(&site, &path, &object, Some(&version))
    } else {
        answer::changed(&object, Some(&version))
    };
    Ok(answer?)
}

/// Put another file in the place of one
///
/// It must be of the same sort. Texts that show the old one show the new one from then on.
#[utoipa::path(
    put, path = "/api/v1/media/{id}/file", operation_id = "replaceMedia", tag = "media",
    params(("id" = i64, Path, description = "Its number."), IfMatchHeader,
        ("name" = Option<String>, Query, description = "What the new file is called, where only its bytes are sent.")),
    request_body(content(
        (UploadForm = "multipart/form-data"), (FileBytes = "application/octet-stream")
    )),
    responses(
        (status = 200, description = "The file as it is now.", body = MediaObject),
    ),
)]
pub(in crate::web) async fn replace(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    Question(question): Question<ReplaceQuestion>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let id = id_of(&id).map_err(Error::from)?;
    let question = UploadQuestion {
        name: question.name,
        ..UploadQuestion::default()
    };
    let sent = one(&site, &actor, &request, question, body).await?;
    let replaced = site.work(move |site| {
        let agree = |before: &_| if_match.require_version(&version(before));
        media::replace_if(&site.app, &actor, id, sent.draft, &sent.name, agree)
    });
    let media = replaced.await.map_err(Error::from)?;
    let object = MediaObject::of(&site, &media);
    Ok(answer::changed(&object, Some(&version(&media)))?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct ReplaceQuestion {
    name: String,
}

impl Filters for ReplaceQuestion {
    const FIELDS: &'static [&'static str] = &["name"];
}

/// A file that came, with the words about it.
struct One {
    draft: media::Draft,
    name: String,
    alt: String,
    caption: String,
}

async fn one(
    site: &Site,
    actor: &Actor,
    request: &HttpRequest,
    question: UploadQuestion,
    body: Payload,
) -> Result<One, actix_web::Error> {
    question.check().map_err(Error::from)?;
    if !sent::is_form(request) {
        let draft = sent::read_bytes(site, actor, body).await?;
        if draft.bytes() == 0 {
            return Err(nothing("Send the file's bytes as the body"));
        }
        let named = Some(question.name).filter(|name| !name.is_empty());
        return Ok(One {
            draft,
            name: named.or_else(|| disposed(request)).unwrap_or_default(),
            alt: question.alt,
            caption: question.caption,
        });
    }
    let mut sent = sent::read(site, actor, request, body).await?;
    if sent.files.len() > 1 {
        return Err(nothing("Send one file a request"));
    }
    let Some(file) = sent.files.pop() else {
        return Err(nothing("Send the file as the part “file” of the form"));
    };
    let or = |words: String, other: String| if words.is_empty() { other } else { words };
    Ok(One {
        draft: file.draft.map_err(Error::from)?,
        name: or(file.name, question.name),
        alt: or(sent.alt, question.alt),
        caption: or(sent.caption, question.caption),
    })
}

fn nothing(why: &str) -> actix_web::Error {
    Error::from(app::Error::invalid("file", why)).into()
}

/// The name a header gives the bytes.
fn disposed(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(CONTENT_DISPOSITION)?;
    let disposition = ContentDisposition::from_raw(value).ok()?;
    let plain = disposition.get_filename().map(str::to_owned);
    let extended = disposition.get_filename_ext();
    let extended = extended.map(|name| String::from_utf8_lossy(&name.value).into_owned());
    extended.or(plain)
}
