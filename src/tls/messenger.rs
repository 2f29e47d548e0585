//! Carries messages to an issuer and back, and notes what the protocol's library does not pass on: when to
//! come again, and which other chains there are. Must not know what the messages say.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use ureq::http::header::{LINK, RETRY_AFTER};
use ureq::http::{HeaderMap, Method, Request, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const MAX_ANSWER_BYTES: u64 = 1024 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(15);
const ANSWER_TIME: Duration = Duration::from_secs(45);
/// Nobody is told to stay away for longer; who says so is mistaken.
const MAX_RETRY_SECONDS: i64 = 7 * 24 * 3600;

#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    pub(super) status: u16,
    /// In so many seconds we may come again.
    pub(super) retry_seconds: Option<i64>,
    /// Where the same certificate is with other chains.
    pub(super) other_chains: Vec<String>,
    /// Why there was no answer.
    pub(super) silence: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Messenger {
    agent: ureq::Agent,
    notes: Arc<Mutex<Notes>>,
    /// The library fetches the chain an order names; this one is named instead.
    chain_instead: Arc<Mutex<Option<String>>>,
}

impl Messenger {
    /// `root` is the only one that is believed, where there is one.
    pub(super) fn new(root: Option<&Path>) -> io::Result<Self> {
        let mut tls = TlsConfig::builder();
        if let Some(root) = root {
            let pem = std::fs::read(root)?;
            let certificate = Certificate::from_pem(&pem).map_err(io::Error::other)?;
            tls = tls.root_certs(RootCerts::new_with_certs(&[certificate]));
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .https_only(true)
            .tls_config(tls.build())
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(ANSWER_TIME))
            .build();
        Ok(Self {
            agent: agent.into(),
            notes: Arc::default(),
            chain_instead: Arc::default(),
        })
    }

    /// What was noted of the last answer.
    pub(super) fn notes(&self) -> Notes {
        held(&self.notes).clone()
    }

    pub(super) fn take_chain_instead(&self, address: String) {
        *held(&self.chain_instead) = Some(address);
    }

    fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ureq::Error> {
        let (mut parts, body) = request.into_parts();
        // The library's name is nobody's business; whose program it is may help the issuer.
        let name = format!("inkstand/{}", crate::domain::VERSION);
        if let Ok(name) = name.try_into() {
            parts.headers.insert("user-agent", name);
        }
        let answer = if parts.method == Method::POST {
            self.agent.run(Request::from_parts(parts, body))?
        } else {
            self.agent.run(Request::from_parts(parts, ()))?
        };
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, body))
    }

    fn note(&self, answer: &Result<Response<Vec<u8>>, ureq::Error>) {
        *held(&self.notes) = match answer {
            Ok(answer) => Notes {
                status: answer.status().as_u16(),
                retry_seconds: retry_seconds(answer.headers()),
                other_chains: other_chains(answer.headers()),
                silence: None,
            },
            Err(error) => Notes {
                silence: Some(error.to_string()),
                ..Notes::default()
            },
        };
    }

    fn exchange(&self, body: Vec<u8>) -> Vec<u8> {
        let Some(address) = held(&self.chain_instead).clone() else {
            return body;
        };
        match serde_json::from_slice::<serde_json::Value>(&body) {
            Ok(mut order) if order.get("certificate").is_some() => {
                order["certificate"] = address.into();
                order.to_string().into_bytes()
            }
            _ => body,
        }
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HttpClient for Messenger {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let messenger = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = body.collect().await;
            let body = body.to_bytes().to_vec();
            let carried = tokio::task::spawn_blocking(move || {
                let answer = messenger.carry(Request::from_parts(parts, body));
                messenger.note(&answer);
                answer.map(|answer| answer.map(|body| messenger.exchange(body)))
            });
            let answer = carried.await.map_err(|error| Error::Other(error.into()))?;
            let answer = answer.map_err(|error| Error::Other(error.into()))?;
            Ok(BytesResponse::from(answer.map(BodyWrapper::<Bytes>::from)))
        })
    }
}

/// Seconds or a date.
fn retry_seconds(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse::<i64>().ok().or_else(|| {
        let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(at.as_second() - jiff::Timestamp::now().as_second())
    });
    seconds.map(|seconds| seconds.clamp(0, MAX_RETRY_SECONDS))
}

fn other_chains(headers: &HeaderMap) -> Vec<String> {
    let links = headers.get_all(LINK).iter();
    let links = links.filter_map(|link| link.to_str().ok());
    let links = links.flat_map(|line| line.split(','));
    let others = links.filter_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let rest = rest.replace([' ', '"'], "");
        rest.contains("rel=alternate").then(|| address.to_owned())
    });
    others.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn when_to_come_again_is_seconds_or_a_date() {
        let read = |text: &str| retry_seconds(&headers("retry-after", &[text]));
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("-5"), Some(0));
        assert_eq!(read("99999999999"), Some(MAX_RETRY_SECONDS));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(read("tomorrow"), None);
        assert_eq!(retry_seconds(&HeaderMap::new()), None);
    }

    #[test]
    fn other_chains_are_found_among_links() {
        let found = other_chains(&headers(
            "link",
            &[
                "<https://a.test/dir>;rel=\"index\"",
                "<https://a.test/1>; rel=\"alternate\", <https://a.test/2>;rel=alternate",
            ],
        ));
        assert_eq!(found, ["https://a.test/1", "https://a.test/2"]);
    }
}
