//! What went wrong with a certificate, in words for the owner: what it is, and what to do about it.

use std::fmt;

use instant_acme::{Error, Problem};
use serde::{Deserialize, Serialize};

use super::messenger::Notes;
use super::plan::Cost;
use crate::domain::host::Host;

const PREFIX: &str = "urn:ietf:params:acme:error:";
const MAX_DETAIL_CHARS: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Nobody could be reached.
    Silence,
    /// The issuer has no time, or wants to be left alone for a while.
    Busy,
    /// The issuer was not convinced that the name is ours.
    Validation,
    /// The issuer does not do this.
    Refused,
    /// The answer is none.
    Strange,
    /// It is not ready yet.
    Slow,
    /// The issuer does not know us any more.
    Stranger,
    /// Here at home.
    Own,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) words: String,
    pub(super) fix: String,
    pub(super) retry_seconds: Option<i64>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.words, self.fix)
    }
}

impl Trouble {
    pub(super) fn own(error: impl fmt::Display) -> Self {
        Self {
            kind: Kind::Own,
            words: error.to_string(),
            fix: "See the log; it is tried again".to_owned(),
            retry_seconds: None,
        }
    }

    pub(super) fn cost(&self) -> Cost {
        match self.kind {
            Kind::Validation | Kind::Refused => Cost::ATry,
            _ => Cost::Nothing,
        }
    }

    pub(super) fn of(error: &Error, notes: &Notes, host: &Host) -> Self {
        let retry_seconds = notes.retry_seconds;
        let found = |kind, words: String, fix: &str| Self {
            kind,
            words,
            fix: fix.to_owned(),
            retry_seconds,
        };
        let is_busy = notes.status == 429 || notes.status >= 500;
        match error {
            Error::Api(problem) => Self::of_problem(problem, retry_seconds, host),
            Error::Timeout(_) => found(
                Kind::Slow,
                "The issuer has not finished yet".to_owned(),
                "Nothing is to be done; it is asked again",
            ),
            _ if is_busy => found(
                Kind::Busy,
                format!(
                    "The issuer is busy or out of order (it answers {})",
                    notes.status
                ),
                "Nothing is to be done; it is asked again",
            ),
            Error::Json(_) | Error::Str(_) => found(
                Kind::Strange,
                format!(
                    "The issuer's answer cannot be understood: {}",
                    short(&error.to_string())
                ),
                "Check tls.issuers, and whether a proxy answers in its place; it is asked again",
            ),
            error => {
                let why = notes.silence.clone().unwrap_or_else(|| error.to_string());
                found(Kind::Silence, silence(&why), silence_fix(&why))
            }
        }
    }

    /// What an issuer says itself.
    pub(super) fn of_problem(problem: &Problem, retry_seconds: Option<i64>, host: &Host) -> Self {
        let name = problem.r#type.as_deref().unwrap_or_default();
        let name = name.strip_prefix(PREFIX).unwrap_or(name);
        let inner = problem.subproblems.first();
        let inner = inner.and_then(|inner| inner.detail.as_deref());
        let detail = problem
            .detail
            .as_deref()
            .or(inner)
            .unwrap_or("it gives no reason");
        let detail = short(detail);
        let (kind, words, fix) = match name {
            _ if is_about_addresses(name, &detail) => (
                Kind::Validation,
                format!("The issuer finds no address for {host}"),
                format!("Make an A or AAAA record for {host} that leads to this machine"),
            ),
            "connection" => (
                Kind::Validation,
                format!("The issuer cannot reach {host}"),
                "Let ports 80 and 443 through to this machine, in its firewall and its router; and see \
                 that the name's records, the one for IPv6 too, lead here"
                    .to_owned(),
            ),
            "unauthorized" | "incorrectResponse" | "tls" => (
                Kind::Validation,
                format!("Somebody else answers for {host}"),
                format!("See that the records of {host} lead to this machine and to no other"),
            ),
            "caa" => (
                Kind::Validation,
                format!("A CAA record of {host} forbids this issuer"),
                "Add the issuer to the CAA record, or remove the record".to_owned(),
            ),
            "rateLimited" => (
                Kind::Busy,
                "The issuer's limit is reached".to_owned(),
                "Nothing is to be done; it is asked again when it allows".to_owned(),
            ),
            "rejectedIdentifier" | "unsupportedIdentifier" => (
                Kind::Refused,
                format!("The issuer gives no certificates for {host}"),
                "Use another name, or another issuer in tls.issuers".to_owned(),
            ),
            "externalAccountRequired" => (
                Kind::Refused,
                "The issuer wants an account that was made with it before".to_owned(),
                "Set tls.external_account to what it has given you".to_owned(),
            ),
            "invalidContact" | "unsupportedContact" => (
                Kind::Refused,
                "The issuer does not like the contact".to_owned(),
                "Correct tls.contact".to_owned(),
            ),
            "accountDoesNotExist" => (
                Kind::Stranger,
                "The issuer does not know our account any more".to_owned(),
                "Nothing is to be done; another is made".to_owned(),
            ),
            "serverInternal" | "badNonce" => (
                Kind::Busy,
                "The issuer is out of order".to_owned(),
                "Nothing is to be done; it is asked again".to_owned(),
            ),
            _ => (
                Kind::Refused,
                "The issuer refuses".to_owned(),
                "See what it says; it is asked again".to_owned(),
            ),
        };
        Self {
            kind,
            words: format!("{words} (it says: {detail})"),
            fix,
            retry_seconds,
        }
    }
}

/// Some issuers call it a failed connection when the name leads nowhere.
fn is_about_addresses(name: &str, detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    let says = [
        "could not resolve",
        "no such host",
        "nxdomain",
        "servfail",
        "no valid a records",
    ];
    name == "dns" || says.iter().any(|words| detail.contains(words))
}

fn silence(why: &str) -> String {
    format!("The issuer cannot be reached: {}", short(why))
}

fn silence_fix(why: &str) -> &'static str {
    let why = why.to_ascii_lowercase();
    if why.contains("expired") || why.contains("not valid yet") || why.contains("notvalidyet") {
        "Is the clock of this machine right? Compare it with: date -u"
    } else if why.contains("certificate") {
        "The issuer is not who it should be. For one of your own, set tls.issuer_root"
    } else {
        "Let this machine reach the issuer over HTTPS; it is asked again"
    }
}

/// Foreign words on one line, and not too many.
fn short(text: &str) -> String {
    let text = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    text.take(MAX_DETAIL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str) -> Trouble {
        let problem = serde_json::json!({ "type": format!("{PREFIX}{kind}"), "detail": "a\nb" });
        let problem: Problem = serde_json::from_value(problem).unwrap();
        let host = Host::parse("blog.test").unwrap();
        Trouble::of(&Error::Api(problem), &Notes::default(), &host)
    }

    #[test]
    fn every_reason_has_its_words_and_its_remedy() {
        for (name, kind, says) in [
            ("dns", Kind::Validation, "A or AAAA record"),
            ("connection", Kind::Validation, "ports 80 and 443"),
            ("unauthorized", Kind::Validation, "to no other"),
            ("caa", Kind::Validation, "CAA record"),
            ("rateLimited", Kind::Busy, "when it allows"),
            ("rejectedIdentifier", Kind::Refused, "another name"),
            (
                "externalAccountRequired",
                Kind::Refused,
                "tls.external_account",
            ),
            ("somethingNew", Kind::Refused, "what it says"),
        ] {
            let trouble = problem(name);
            assert_eq!(trouble.kind, kind, "{name}");
            assert!(trouble.fix.contains(says), "{}", trouble.fix);
            assert!(trouble.words.contains("a b"), "{}", trouble.words);
        }
    }

    #[test]
    fn silence_tells_a_wrong_clock_from_a_closed_way() {
        let host = Host::parse("blog.test").unwrap();
        let of = |why: &str| {
            let notes = Notes {
                silence: Some(why.to_owned()),
                ..Notes::default()
            };
            Trouble::of(&Error::KeyRejected, &notes, &host)
        };
        assert!(
            of("invalid peer certificate: Expired")
                .fix
                .contains("clock")
        );
        assert!(
            of("invalid peer certificate: UnknownIssuer")
                .fix
                .contains("tls.issuer_root")
        );
        assert!(of("connection refused").fix.contains("over HTTPS"));
        let busy = Notes {
            status: 503,
            retry_seconds: Some(9),
            ..Notes::default()
        };
        let busy = Trouble::of(&Error::Str("html"), &busy, &host);
        assert_eq!((busy.kind, busy.retry_seconds), (Kind::Busy, Some(9)));
    }
}
