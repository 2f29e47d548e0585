//! Uploaded files: whole or in parts, streamed from where they are kept.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::{Duration, UNIX_EPOCH};

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, HeaderValue, HttpDate, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, LOCATION, RANGE,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;

use crate::app::media::{self, Found};
use crate::web::error::Error;
use crate::web::respond;
use crate::web::state::Site;

/// A path never gets other bytes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// A file opened by itself is no page of the site: it runs nothing and loads nothing.
const ALONE: &str = "default-src 'none'; sandbox";
/// Nor does a drawing, which may have styles and pictures in itself.
const DRAWING_ALONE: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const SVG: &str = "image/svg+xml";
/// Browsers show these in a viewer of their own, which a sandbox would break.
const PDF: &str = "application/pdf";
const CHUNK_BYTES: u64 = 128 * 1024;

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| media::open(&site.app, &path)).await?;
    let media = match found {
        Found::Here(stored) => stored,
        Found::Moved(path) => return Ok(moved(&path)),
    };
    let tag = format!("\"{}\"", media.tag);
    let changed = u64::try_from(media.created_at.as_seconds()).unwrap_or_default();
    let headers = request.headers();
    if is_known(headers, &tag, changed) {
        let mut answer = HttpResponse::NotModified();
        return Ok(about(&mut answer, &tag, changed).finish());
    }
    let range = text(headers, &RANGE).filter(|_| may_continue(headers, &tag, changed));
    let part = match range.map(|range| part_of(range, media.bytes)) {
        None | Some(Asked::Whole) => None,
        Some(Asked::Part { first, last }) => Some((first, last)),
        Some(Asked::Nothing) => {
            let mut answer = HttpResponse::RangeNotSatisfiable();
            answer.insert_header((CONTENT_RANGE, format!("bytes */{}", media.bytes)));
            return Ok(answer.finish());
        }
    };
    let (first, length) = part.map_or((0, media.bytes), |(first, last)| (first, last - first + 1));
    let mut answer = HttpResponse::build(match part {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    });
    about(&mut answer, &tag, changed).insert_header((CONTENT_TYPE, media.mime.as_str()));
    if let Some((first, last)) = part {
        let range = format!("bytes {first}-{last}/{}", media.bytes);
        answer.insert_header((CONTENT_RANGE, range));
    }
    match &*media.mime {
        PDF => {}
        SVG => {
            answer.insert_header((CONTENT_SECURITY_POLICY, DRAWING_ALONE));
        }
        _ => {
            answer.insert_header((CONTENT_SECURITY_POLICY, ALONE));
        }
    }
    let pieces = pieces(media.file, first, length);
    Ok(answer.body(SizedStream::new(length, pieces)))
}

/// Another file has taken the place of what was here.
fn moved(path: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, format!("{}{path}", media::PREFIX)))
        .insert_header((CACHE_CONTROL, "public, max-age=0, must-revalidate"))
        .finish()
}

/// What every answer about the file says.
fn about<'a>(
    answer: &'a mut HttpResponseBuilder,
    tag: &str,
    changed: u64,
) -> &'a mut HttpResponseBuilder {
    answer
        .insert_header((ETAG, tag))
        .insert_header((LAST_MODIFIED, date(changed)))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CACHE_CONTROL, FOR_GOOD))
}

fn date(seconds: u64) -> HttpDate {
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// True when a date a client sent is not before the file's.
fn is_since(text: &str, changed: u64) -> bool {
    text.parse::<HttpDate>().is_ok_and(|at| date(changed) <= at)
}

/// The browser has it. A tag counts more than a date.
fn is_known(headers: &HeaderMap, tag: &str, changed: u64) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        let lists = headers.get_all(IF_NONE_MATCH);
        return respond::is_known(lists.map(HeaderValue::as_bytes), tag.as_bytes());
    }
    text(headers, &IF_MODIFIED_SINCE).is_some_and(|at| is_since(at, changed))
}

/// False when the client has the beginning of something else.
fn may_continue(headers: &HeaderMap, tag: &str, changed: u64) -> bool {
    match text(headers, &IF_RANGE) {
        None => !headers.contains_key(IF_RANGE),
        Some(known) if known.contains('"') => known == tag,
        Some(known) => known
            .parse::<HttpDate>()
            .is_ok_and(|at| at == date(changed)),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part {
        first: u64,
        last: u64,
    },
    /// A part that lies behind the end.
    Nothing,
}

/// What a `Range` means for a file of this length. One that makes no sense, or asks for several parts,
/// stands for the whole, as the standard has it.
fn part_of(range: &str, bytes: u64) -> Asked {
    let asked = range.strip_prefix("bytes=").map(str::trim);
    let Some((first, last)) = asked.and_then(|asked| asked.split_once('-')) else {
        return Asked::Whole;
    };
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        // A number that no file reaches.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let end = bytes.saturating_sub(1);
    let (first, last) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.min(end)),
        (Some(first), None) if last.is_empty() => (first, end),
        (None, Some(0)) if first.is_empty() => return Asked::Nothing,
        (None, Some(length)) if first.is_empty() => (bytes.saturating_sub(length), end),
        _ => return Asked::Whole,
    };
    if first >= bytes {
        return Asked::Nothing;
    }
    Asked::Part { first, last }
}

/// The bytes from there on, read on blocking threads as the client takes them.
fn pieces(
    mut file: File,
    first: u64,
    length: u64,
) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    let begun = file.seek(SeekFrom::Start(first));
    stream::try_unfold((file, begun, length), |(file, begun, left)| async move {
        begun?;
        if left == 0 {
            return Ok(None);
        }
        let (file, piece) = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            let read = (&file).take(left.min(CHUNK_BYTES)).read_to_end(&mut piece);
            read.map(|_| (file, piece))
        })
        .await
        .map_err(std::io::Error::other)??;
        if piece.is_empty() {
            let why = "the file is shorter than it was";
            return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, why));
        }
        let left = left.saturating_sub(piece.len() as u64);
        Ok(Some((Bytes::from(piece), (file, Ok(0), left))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        let part = |first, last| Asked::Part { first, last };
        for (range, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=2-5", part(2, 5)),
            ("bytes=2-500", part(2, 9)),
            ("bytes=9-", part(9, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-300", part(0, 9)),
            ("bytes=0-99999999999999999999999", part(0, 9)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(part_of(range, 10), expected, "{range}");
        }
        assert_eq!(part_of("bytes=0-", 0), Asked::Nothing);
    }

    proptest::proptest! {
        #[test]
        fn a_part_is_always_inside(range in "(bytes=)?[0-9,+-]{0,25}", bytes in 0_u64..50) {
            if let Asked::Part { first, last } = part_of(&range, bytes) {
                assert!(first <= last && last < bytes);
            }
        }
    }
}
