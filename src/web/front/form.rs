//! An answer as it goes over the wire, ready but for the request's id and the time. Built once from
//! the response the long way would send, by the same code; a request then writes 45 bytes into it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody as _};
use actix_web::http::StatusCode;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::super::middleware;
use crate::telemetry::request::RequestId;

const ID_BYTES: usize = 16;
pub(super) const DATE_BYTES: usize = "Thu, 01 Jan 1970 00:00:00 GMT".len();
const END: &[u8] = b"\r\n";

/// The head of an answer with a blank for each thing that changes.
#[derive(Debug)]
pub(super) struct Head {
    bytes: Vec<u8>,
    id_at: usize,
    date_at: usize,
    pub(super) status: StatusCode,
}

impl Head {
    /// The head this response will have once the middleware and the library have done their part.
    /// `None` when it has something no finished page has.
    pub(super) fn of(mut response: HttpResponse, insist_seconds: u32) -> Option<Self> {
        middleware::dress(
            response.headers_mut(),
            RequestId::from_u64(0),
            insist_seconds,
        );
        let status = response.status();
        let reason = status.canonical_reason()?;
        let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
        match response.body().size() {
            _ if status == StatusCode::NOT_MODIFIED => {}
            BodySize::Sized(length) => {
                bytes.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
            }
            BodySize::None => {}
            BodySize::Stream => return None,
        }
        let mut id_at = None;
        for (name, value) in response.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            if *name == middleware::REQUEST_ID {
                id_at = Some(bytes.len());
            }
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"date: ");
        let date_at = bytes.len();
        bytes.extend_from_slice(&[b' '; DATE_BYTES]);
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(END);
        Some(Self {
            bytes,
            id_at: id_at?,
            date_at,
            status,
        })
    }

    /// The bytes for one request.
    pub(super) fn fill(&mut self, id: RequestId, date: &[u8; DATE_BYTES]) -> &[u8] {
        self.bytes[self.id_at..self.id_at + ID_BYTES].copy_from_slice(&id.to_hex());
        self.bytes[self.date_at..self.date_at + DATE_BYTES].copy_from_slice(date);
        &self.bytes
    }
}

/// The head of a connection's last answer.
pub(super) fn closing(head: &[u8]) -> Vec<u8> {
    let without_end = head.strip_suffix(END).unwrap_or(head);
    [without_end, b"connection: close\r\n", END].concat()
}

/// The time as `Date` has it, written anew when its second is over.
#[derive(Debug)]
pub(super) struct Clock {
    date: [u8; DATE_BYTES],
    good_until: Option<Instant>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            date: *b"Thu, 01 Jan 1970 00:00:00 GMT",
            good_until: None,
        }
    }

    pub(super) fn date(&mut self, now: Instant) -> &[u8; DATE_BYTES] {
        if self.good_until.is_none_or(|until| now >= until) {
            let time = SystemTime::now();
            let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            let left = Duration::from_secs(1)
                .saturating_sub(Duration::from_nanos(since_epoch.subsec_nanos().into()));
            if let Some(date) = date_of(since_epoch.as_secs()) {
                self.date = date;
            }
            self.good_until = Some(now + left);
        }
        &self.date
    }
}

fn date_of(seconds: u64) -> Option<[u8; DATE_BYTES]> {
    let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    let text = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()?;
    text.as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_http_wants_them() {
        let date = date_of(784_111_777).unwrap();
        assert_eq!(&date, b"Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn the_clock_goes_on_when_a_second_is_over() {
        let mut clock = Clock::new();
        let now = Instant::now();
        let first = *clock.date(now);
        assert_ne!(&first, b"Thu, 01 Jan 1970 00:00:00 GMT");
        let until = clock.good_until.unwrap();
        assert!(until > now && until <= now + Duration::from_secs(1));
        clock.date = [b'x'; DATE_BYTES];
        assert_eq!(
            clock.date(now),
            &[b'x'; DATE_BYTES],
            "the second is not over"
        );
        assert_ne!(clock.date(until), &[b'x'; DATE_BYTES]);
    }

    #[test]
    fn blanks_are_filled_and_nothing_else_changes() {
        let response = HttpResponse::Ok()
            .insert_header(("etag", "\"a\""))
            .body("four");
        let mut head = Head::of(response, 0).unwrap();
        let date = *b"Sun, 06 Nov 1994 08:49:37 GMT";
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let one = text(head.fill(RequestId::from_u64(0x2a), &date));
        assert!(
            one.starts_with("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n"),
            "{one}"
        );
        assert!(
            one.contains("\r\nx-request-id: 000000000000002a\r\n"),
            "{one}"
        );
        assert!(one.contains("\r\netag: \"a\"\r\n"), "{one}");
        assert!(
            one.ends_with("\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"),
            "{one}"
        );
        let two = text(head.fill(RequestId::from_u64(0x2b), &date));
        assert_eq!(two.replace("2b\r\n", "2a\r\n"), one);
        let last = text(&closing(one.as_bytes()));
        assert!(last.ends_with("GMT\r\nconnection: close\r\n\r\n"), "{last}");
        assert_eq!(last.replace("connection: close\r\n", ""), one);
    }
}
