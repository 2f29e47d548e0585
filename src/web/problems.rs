//! Everything a client may be told that went wrong, by the code programs decide by: one table, from which
//! codes, their addresses and the page about them come.

use serde::{Serialize, Serializer};

/// Where a code is explained; its own name follows.
const EXPLAINED_AT: &str = "/api/docs#problem-";

macro_rules! codes {
    ($($variant:ident = $word:literal ($status:literal): $meaning:literal;)+) => {
        /// A problem's code. Codes stay what they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($variant),+
        }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The status it comes with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status),+
                }
            }

            /// What it means and what to do, in a sentence or two.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning),+
                }
            }
        }
    };
}

codes! {
    BadRequest = "bad-request" (400): "The request could not be understood; the detail says what of it.";
    TargetMalformed = "target-malformed" (400): "The address is neither a path nor a complete address.";
    HostMissing = "host-missing" (400): "There must be exactly one Host header.";
    HostMalformed = "host-malformed" (400): "The Host header is no name of a host.";
    KeyMalformed = "idempotency-key-malformed" (400):
        "The Idempotency-Key is empty, too long, or holds what is neither a letter, a number nor a sign.";
    Unauthenticated = "unauthenticated" (401):
        "A token is needed, and there is none, or it is not one of this site’s, has ended, or belongs to \
         somebody who is suspended.";
    Forbidden = "forbidden" (403): "The token’s scopes or its holder’s role do not allow this.";
    ForeignForm = "foreign-form" (403): "A form came from a page that is not of this site.";
    NotFound = "not-found" (404): "There is nothing at this address, or nothing that you may see.";
    MethodNotAllowed = "method-not-allowed" (405): "The Allow header says which methods there are here.";
    NotAcceptable = "not-acceptable" (406): "There is no form of the content that the request accepts.";
    Timeout = "timeout" (408): "The request took too long to arrive.";
    BodyTooSlow = "body-too-slow" (408): "The body took too long to arrive; send it over a faster connection.";
    Conflict = "conflict" (409):
        "It is in the way of something else: a name is taken, or somebody else was faster. Look again, then decide.";
    KeyInUse = "idempotency-key-in-use" (409):
        "The first request with this Idempotency-Key is still under way; ask again in a moment.";
    OutcomeUnknown = "idempotency-outcome-unknown" (409):
        "The first request with this Idempotency-Key was cut off, and nobody knows whether it was done. Look, \
         and if it was not, send it with a new key.";
    Gone = "gone" (410): "What was here was taken away for good.";
    PreconditionFailed = "precondition-failed" (412):
        "If-Match names another version than there is now. Read it anew, make your change again, send that.";
    BodyTooLarge = "body-too-large" (413): "The body is larger than may be sent here; the detail says how large.";
    UriTooLong = "uri-too-long" (414): "The address is too long; send what is long in the body.";
    UnsupportedMediaType = "unsupported-media-type" (415): "The Content-Type is none that is taken here.";
    Invalid = "invalid" (422): "Some fields are not right; errors says which, and what is wrong with each.";
    KeyReused = "idempotency-key-reused" (422):
        "The Idempotency-Key stands for another request: to another address, or with another body. Take a new key.";
    KeyNotTaken = "idempotency-key-not-taken" (422):
        "The answer here holds a secret, and secrets are not kept, so no Idempotency-Key is taken.";
    RateLimited = "rate-limited" (429): "Too much was asked in too little time; Retry-After says when to go on.";
    Internal = "internal" (500): "Something went wrong on the site’s side; its log has the cause, under request_id.";
    MethodUnknown = "method-unknown" (501): "The server does not know the method.";
    Unavailable = "unavailable" (503): "Not now; Retry-After says when to try again.";
    TooManyAtOnce = "too-many-at-once" (503): "Too many requests are under way on one connection.";
    NoRoom = "no-room" (507): "The disk is full; the site’s owner has to make room.";
}

impl Code {
    /// The code for a status about which nothing more is known.
    pub(super) const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            406 => Self::NotAcceptable,
            408 => Self::Timeout,
            409 => Self::Conflict,
            410 => Self::Gone,
            412 => Self::PreconditionFailed,
            413 => Self::BodyTooLarge,
            415 => Self::UnsupportedMediaType,
            422 => Self::Invalid,
            429 => Self::RateLimited,
            503 => Self::Unavailable,
            507 => Self::NoRoom,
            500.. => Self::Internal,
            _ => Self::BadRequest,
        }
    }

    /// The `type` of a problem document: an address that does not change and explains the code.
    pub fn address(self) -> String {
        format!("{EXPLAINED_AT}{}", self.as_str())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_and_sorted_by_status() {
        let all = Code::ALL;
        assert!(all.is_sorted_by_key(|code| code.status()));
        for (number, code) in all.iter().enumerate() {
            let is_new = all[..number]
                .iter()
                .all(|other| other.as_str() != code.as_str());
            assert!(is_new, "{code} is there twice");
            assert!(code.meaning().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_status_has_a_code_that_comes_with_it() {
        for status in [
            401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 429, 500, 503, 507,
        ] {
            assert_eq!(Code::of_status(status).status(), status);
        }
        assert_eq!(Code::of_status(400), Code::BadRequest);
        assert_eq!(Code::of_status(502), Code::Internal);
    }
}
