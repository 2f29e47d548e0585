//! Reads the head of a request as far as the short way needs it, and says which way it goes. In doubt
//! the long one: there is nothing to decide here about what is allowed.

use std::mem::MaybeUninit;

use httparse::{Request, Status};

/// A browser sends about fifteen.
const MAX_HEADERS: usize = 32;
/// A body with a longer number would take years.
const MAX_LENGTH_DIGITS: usize = 15;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict<'a> {
    /// Asks for a page in an ordinary way; the head has so many bytes.
    Ask(Ask<'a>, usize),
    /// A sound request that only the long way understands: the length of its head and of its body.
    Plain(usize, u64),
    /// The head is not complete.
    Partial,
    /// Whatever else it is: where it ends is for the library to say.
    Odd,
}

/// What decides about an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask<'a> {
    pub(super) head_only: bool,
    pub(super) target: &'a str,
    pub(super) host: &'a [u8],
    /// Somebody on the way says that the client may not have come encrypted.
    pub(super) perhaps_clear: bool,
    pub(super) accept_encoding: Option<&'a [u8]>,
    pub(super) if_none_match: Option<&'a [u8]>,
}

pub(super) fn read(bytes: &[u8]) -> Verdict<'_> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Verdict::Partial,
        Err(_) => return Verdict::Odd,
    };
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return Verdict::Odd;
    };
    let head_only = method == "HEAD";
    if method == "CONNECT" {
        return Verdict::Odd;
    }
    let mut ask = Ask {
        head_only,
        target,
        host: b"",
        perhaps_clear: false,
        accept_encoding: None,
        if_none_match: None,
    };
    let mut ordinary =
        (head_only || method == "GET") && request.version == Some(1) && target.starts_with('/');
    let mut body_length = None;
    for header in request.headers.iter() {
        match weigh(header, &mut ask) {
            Weight::Ordinary => {}
            Weight::Unusual => ordinary = false,
            Weight::Body if body_length.is_none() => match number(header.value) {
                Some(bytes) => body_length = Some(bytes),
                None => return Verdict::Odd,
            },
            Weight::Body | Weight::Odd => return Verdict::Odd,
        }
    }
    if ordinary && body_length.is_none() && !ask.host.is_empty() {
        Verdict::Ask(ask, length)
    } else {
        Verdict::Plain(length, body_length.unwrap_or(0))
    }
}

/// A length nobody can read in two ways.
fn number(text: &[u8]) -> Option<u64> {
    let digits =
        (1..=MAX_LENGTH_DIGITS).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| digits)?;
    text.parse().ok()
}

enum Weight {
    Ordinary,
    /// The answer may depend on it in ways the short way does not know.
    Unusual,
    /// Says how long the body is.
    Body,
    /// Where the request ends, or what comes after it, may depend on it.
    Odd,
}

fn weigh<'a>(header: &httparse::Header<'a>, ask: &mut Ask<'a>) -> Weight {
    let is = |name: &str| header.name.eq_ignore_ascii_case(name);
    match header.name.len() {
        4 if is("host") => {
            if ask.host.is_empty() {
                ask.host = header.value;
                Weight::Ordinary
            } else {
                Weight::Unusual
            }
        }
        15 if is("accept-encoding") => once(&mut ask.accept_encoding, header.value),
        13 if is("if-none-match") => once(&mut ask.if_none_match, header.value),
        10 if is("connection") && !header.value.eq_ignore_ascii_case(b"keep-alive") => {
            Weight::Unusual
        }
        17 if is("x-forwarded-proto") => {
            ask.perhaps_clear |= !header.value.eq_ignore_ascii_case(b"https");
            Weight::Ordinary
        }
        5 if is("range") => Weight::Unusual,
        8 if is("if-range") => Weight::Unusual,
        // Whoever is known may be shown more.
        6 if is("cookie") => Weight::Unusual,
        13 if is("authorization") => Weight::Unusual,
        14 if is("content-length") => Weight::Body,
        17 if is("transfer-encoding") => Weight::Odd,
        6 if is("expect") => Weight::Odd,
        7 if is("upgrade") => Weight::Odd,
        _ => Weight::Ordinary,
    }
}

fn once<'a>(slot: &mut Option<&'a [u8]>, value: &'a [u8]) -> Weight {
    if slot.replace(value).is_none() {
        Weight::Ordinary
    } else {
        Weight::Unusual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: &str) -> String {
        format!("GET /a HTTP/1.1\r\nHost: blog.test\r\n{header}\r\n")
    }

    #[test]
    fn a_browser_asks_in_an_ordinary_way() {
        let bytes =
            with("accept: text/html\r\nAccept-Encoding: gzip, br\r\nconnection: Keep-Alive\r\n");
        let Verdict::Ask(ask, length) = read(bytes.as_bytes()) else {
            panic!("not ordinary");
        };
        assert_eq!(length, bytes.len());
        assert_eq!((ask.target, ask.host), ("/a", &b"blog.test"[..]));
        assert_eq!(ask.accept_encoding, Some(&b"gzip, br"[..]));
        assert!(!ask.head_only);
    }

    #[test]
    fn what_may_change_the_answer_takes_the_long_way() {
        for header in [
            "Cookie: a=b\r\n",
            "Authorization: Bearer x\r\n",
            "Range: bytes=0-1\r\n",
            "If-Range: \"a\"\r\n",
            "Connection: close\r\n",
            "Connection: keep-alive, close\r\n",
            "Host: other.test\r\n",
            "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n",
            "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n",
        ] {
            let bytes = with(header);
            assert_eq!(
                read(bytes.as_bytes()),
                Verdict::Plain(bytes.len(), 0),
                "{header}"
            );
        }
        let old = "GET /a HTTP/1.0\r\nHost: a\r\n\r\n";
        assert_eq!(read(old.as_bytes()), Verdict::Plain(old.len(), 0));
        let nameless = "GET /a HTTP/1.1\r\n\r\n";
        assert_eq!(read(nameless.as_bytes()), Verdict::Plain(nameless.len(), 0));
    }

    #[test]
    fn bodies_with_a_length_are_measured() {
        for (length, expected) in [("0", 0), ("5", 5), ("999999999999999", 999_999_999_999_999)] {
            let bytes = with(&format!("Content-Length: {length}\r\n"));
            let expected = Verdict::Plain(bytes.len(), expected);
            assert_eq!(read(bytes.as_bytes()), expected, "{length}");
            let bytes = bytes.replace("GET", "POST");
            assert!(matches!(read(bytes.as_bytes()), Verdict::Plain(..)));
        }
        let delete = "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(read(delete.as_bytes()), Verdict::Plain(delete.len(), 0));
    }

    #[test]
    fn where_a_request_ends_the_library_says_in_doubt() {
        for header in [
            "Content-Length: +5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: 1000000000000000\r\n",
            "Content-Length:\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Expect: 100-continue\r\n",
            "Upgrade: h2c\r\n",
            "X : y\r\n",
            "X: a\r\n b\r\n",
            &"X: y\r\n".repeat(40),
        ] {
            assert_eq!(read(with(header).as_bytes()), Verdict::Odd, "{header}");
        }
        for bytes in [
            &b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"\x16\x03\x01",
            b"GET /\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
        ] {
            assert_eq!(read(bytes), Verdict::Odd, "{bytes:?}");
        }
    }

    #[test]
    fn every_beginning_of_a_head_is_partial() {
        let bytes = with("Accept: */*\r\n");
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes.as_bytes()[..end]), Verdict::Partial, "{end}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            read(&bytes);
        }
    }
}
