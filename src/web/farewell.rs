//! What a client is told that cannot even be understood. The HTTP library answers such bytes by itself,
//! with a bare status; this puts a sentence in its place that says what to do.
//!
//! It works on the connection's bytes because nothing above them sees these answers. Where it does not
//! recognise one (several answers in one write), the bare status goes out: right, only less helpful.

const END_OF_BARE_HEAD: &[u8] = b"\r\ncontent-length: 0\r\n";

macro_rules! farewell {
    ($status:literal, $length:literal, $message:literal) => {
        (
            concat!("HTTP/1.1 ", $status).as_bytes(),
            concat!(
                "HTTP/1.1 ",
                $status,
                "\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ",
                $length,
                "\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
                $message
            )
            .as_bytes(),
        )
    };
}

/// The library's status line, and the whole answer that replaces it.
const FAREWELLS: [(&[u8], &[u8]); 3] = [
    farewell!(
        "400 Bad Request",
        "122",
        "This is not a request HTTP/1.1 allows. Check the request line, the Host header, and that the body's length is given once.\n"
    ),
    farewell!(
        "408 Request Timeout",
        "88",
        "The request took too long to arrive. Send its head at once, or use a faster connection.\n"
    ),
    farewell!(
        "431 Request Header Fields Too Large",
        "91",
        "The request's headers are too many or too long. Send fewer of them, or clear your cookies.\n"
    ),
];

/// For whoever does not send a request's head in time.
pub(super) const TOO_SLOW: &[u8] = FAREWELLS[1].1;

/// The answer to send instead of these bytes, if they are one of the library's bare ones. Ours always
/// have a body, so none of them is mistaken for it.
pub(super) fn instead_of(bytes: &[u8]) -> Option<&'static [u8]> {
    // Nearly every write begins with "HTTP/1.1 2" or "HTTP/1.1 3", and ends the search here.
    if bytes.get(9) != Some(&b'4') {
        return None;
    }
    FAREWELLS.iter().find_map(|(status_line, farewell)| {
        let rest = bytes.strip_prefix(*status_line)?;
        rest.starts_with(END_OF_BARE_HEAD).then_some(*farewell)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_farewell_is_as_long_as_it_says() {
        for (_, farewell) in FAREWELLS {
            let text = std::str::from_utf8(farewell).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains(&format!("content-length: {}\r\n", body.len())),
                "{}: {text}",
                body.len()
            );
        }
    }

    #[test]
    fn only_bare_answers_are_replaced() {
        let bare = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert_eq!(instead_of(bare), Some(FAREWELLS[0].1));
        for other in [
            &b"HTTP/1.1 400 Bad Request\r\ncontent-length: 512\r\n"[..],
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n",
            b"HTTP/1.1 4",
            b"",
        ] {
            assert_eq!(instead_of(other), None);
        }
    }
}
