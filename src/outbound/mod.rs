//! Asking servers whose addresses people give us: where webhooks go, the pages of programs that want to sign
//! in. Whoever can name an address must not be able to make this server ask its neighbours, so the
//! address a name leads to is judged after it was looked up, and exactly that one is connected to; each
//! redirect is judged again. Everything has an end: time, redirects, the length of an answer.
//!
//! Blocks; knows no database and nothing of what is sent.

mod reach;
mod resolver;

use std::io::Read as _;
use std::net::IpAddr;
use std::time::Duration;

use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, http};

use crate::domain::VERSION;
use crate::domain::destination::Destination;
use crate::domain::network::Network;

use reach::Reach;
pub use reach::{Kind, kind_of};
use resolver::{CheckedResolver, Refused};

const RESOLVE_TIME: Duration = Duration::from_secs(5);
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// From looking up the name to the last byte of the answer.
pub const WHOLE_TIME: Duration = Duration::from_secs(10);
pub const MAX_REDIRECTS: usize = 5;
const MAX_HEAD_BYTES: usize = 32 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error(
        "{}{address} is {kind}; nothing is sent there unless outbound.allow names that network",
        led_there(.host, .address)
    )]
    Refused {
        host: String,
        address: IpAddr,
        kind: Kind,
    },
    #[error("no server is known by the name {0}; look whether it is written right")]
    UnknownHost(String),
    #[error("the server did not answer within {} seconds", WHOLE_TIME.as_secs())]
    Timeout,
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
    #[error("it leads on more than {MAX_REDIRECTS} times, or to no address")]
    Redirects,
    #[error("the encryption failed: {0}")]
    Encryption(String),
    #[error("{0}")]
    Failed(String),
}

/// What a server answered, whatever its status.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Where it came from in the end, after redirects.
    pub from: Destination,
    pub body: Vec<u8>,
    headers: http::HeaderMap,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A header that may stand there several times.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.headers.get_all(name).into_iter();
        all.filter_map(|value| value.to_str().ok())
    }
}

/// The client. Clones share it.
#[derive(Debug, Clone)]
pub struct Outbound {
    agent: Agent,
    reach: Reach,
}

/// Goes only where everybody may.
impl Default for Outbound {
    fn default() -> Self {
        Self::new(true, Vec::new())
    }
}

impl Outbound {
    /// `is_public`: whether it goes to the public's addresses. `allowed` are networks it may go to in any
    /// case.
    pub fn new(is_public: bool, allowed: Vec<Network>) -> Self {
        let reach = Reach::new(is_public, allowed);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy would look names up for us, and nobody could say where it goes.
            .proxy(None)
            // A connection that is kept was checked for another question.
            .max_idle_connections(0)
            .max_response_header_size(MAX_HEAD_BYTES)
            .timeout_resolve(Some(RESOLVE_TIME))
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(WHOLE_TIME))
            .user_agent(format!("inkstand/{VERSION}"))
            .build();
        let resolver = CheckedResolver::new(reach.clone());
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            reach,
        }
    }

    /// Says already whether it would be refused, where the address stands for itself. What a name leads to is
    /// seen only when it is asked.
    pub fn check(&self, to: &Destination) -> Result<(), OutboundError> {
        match to.address() {
            Some(address) => match self.reach.refuse(address) {
                Some(kind) => Err(OutboundError::Refused {
                    host: to.host(),
                    address,
                    kind,
                }),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Sends something. Redirects are answers like others; of a longer answer than `answer_bytes` the
    /// beginning is kept.
    pub fn post(
        &self,
        to: &Destination,
        headers: &[(&str, &str)],
        body: &[u8],
        answer_bytes: u64,
    ) -> Result<Answer, OutboundError> {
        let mut request = self.agent.post(to.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, body) = apart(request.send(body).map_err(|error| told(to, error))?);
        let mut kept = Vec::new();
        let read = body
            .into_reader()
            .take(answer_bytes)
            .read_to_end(&mut kept)
            .map_err(|error| told(to, error.into()));
        read?;
        Ok(answer(to.clone(), head, kept))
    }

    /// Fetches a page, over redirects. One that is longer than `answer_bytes` is an error.
    pub fn get(
        &self,
        from: &Destination,
        accept: &str,
        answer_bytes: u64,
    ) -> Result<Answer, OutboundError> {
        let mut at = from.clone();
        for _ in 0..=MAX_REDIRECTS {
            let request = self.agent.get(at.as_str()).header("accept", accept);
            let (head, body) = apart(request.call().map_err(|error| told(&at, error))?);
            let location = head.headers.get(http::header::LOCATION);
            if let Some(location) = location.filter(|_| head.status.is_redirection()) {
                let location = location.to_str().map_err(|_| OutboundError::Redirects)?;
                at = at.join(location).map_err(|_| OutboundError::Redirects)?;
                continue;
            }
            // The library takes the limit itself for too much.
            let limit = answer_bytes.saturating_add(1);
            let kept = body.into_with_config().limit(limit).read_to_vec();
            let kept = kept.map_err(|error| match error {
                ureq::Error::BodyExceedsLimit(_) => OutboundError::TooLong(answer_bytes),
                error => told(&at, error),
            })?;
            return Ok(answer(at, head, kept));
        }
        Err(OutboundError::Redirects)
    }
}

/// How one came from a name to an address, for a sentence about the address.
fn led_there(host: &str, address: &IpAddr) -> String {
    if host.parse() == Ok(*address) {
        String::new()
    } else {
        format!("{host} leads to {address}, and ")
    }
}

fn apart(response: http::Response<Body>) -> (http::response::Parts, Body) {
    response.into_parts()
}

fn answer(from: Destination, head: http::response::Parts, body: Vec<u8>) -> Answer {
    Answer {
        status: head.status.as_u16(),
        from,
        body,
        headers: head.headers,
    }
}

/// A failure in words of ours.
fn told(to: &Destination, error: ureq::Error) -> OutboundError {
    match error {
        ureq::Error::Other(cause) => match cause.downcast::<Refused>() {
            Ok(refused) => OutboundError::Refused {
                host: to.host(),
                address: refused.address,
                kind: refused.kind,
            },
            Err(cause) => OutboundError::Failed(cause.to_string()),
        },
        ureq::Error::HostNotFound => OutboundError::UnknownHost(to.host()),
        ureq::Error::Timeout(_) => OutboundError::Timeout,
        ureq::Error::BodyExceedsLimit(limit) => OutboundError::TooLong(limit),
        ureq::Error::Rustls(error) => OutboundError::Encryption(error.to_string()),
        ureq::Error::Tls(error) => OutboundError::Encryption(error.to_owned()),
        ureq::Error::Io(error) => OutboundError::Failed(match error.kind() {
            std::io::ErrorKind::ConnectionRefused => {
                format!("nothing listens at {}", to.host())
            }
            _ => format!("the connection to {} failed: {error}", to.host()),
        }),
        error => OutboundError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
