//! The media library: what was uploaded, and uploading. Plain forms; the editor asks the same addresses
//! for JSON.

pub(in crate::web) mod file;
mod item;
pub(in crate::web) mod library;
pub(in crate::web) mod sent;
pub(in crate::web) mod upload;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

use crate::app;
use crate::app::media::MAX_BYTES;
use crate::domain::id::MediaId;
use crate::web::error::Error;

/// Where files are sent to.
pub const UPLOADS: &str = HERE;
pub const PROGRAM_UPLOADS: &str = "/api/v1/media";
/// The largest body there: a file, and what the form has around it.
pub const UPLOAD_BYTES: u64 = MAX_BYTES + 64 * 1024;
const HERE: &str = "/admin/media";

fn json(status: StatusCode, content: &impl Serialize) -> Result<HttpResponse, Error> {
    let text = serde_json::to_string(content).map_err(app::Error::internal)?;
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}

/// What is no number is nobody's.
fn id(text: &str) -> Result<MediaId, app::Error> {
    let id = text.parse().map_err(|_| app::Error::NotFound)?;
    Ok(MediaId::from_i64(id))
}
