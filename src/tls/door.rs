//! Where encrypted connections come in: hands are shaken here, and the questions of certificate issuers
//! are answered.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, ready};

use rustls::server::{Accepted, Acceptor, ProducesTickets};
use rustls::{Connection, ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::certificate::Certificate;
use super::challenges::Challenges;
use super::resolver::Resolver;
use super::stream::{Encrypted, Now};
use crate::domain::host::Host;

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";
/// RFC 8737: an issuer looks whether we have the name.
const CHALLENGE: &[u8] = b"acme-tls/1";
/// One is enough to come back with; each costs as much as a record.
const TICKETS: usize = 1;

/// Hands have been shaken; the socket may go to another thread.
#[derive(Debug)]
pub struct Session(Box<Connection>);

impl Session {
    pub fn is_http2(&self) -> bool {
        self.0.alpn_protocol() == Some(HTTP2)
    }

    pub fn over<S: AsyncRead + AsyncWrite + Unpin>(self, io: S) -> Encrypted<S> {
        Encrypted::new(io, self.0)
    }
}

#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    config: Arc<ServerConfig>,
    resolver: Arc<Resolver>,
    challenges: Challenges,
    /// How long browsers are to come encrypted only; 0 says nothing.
    insist_seconds: AtomicU32,
    /// Only a certificate of our own is there.
    is_provisional: AtomicBool,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}

impl Door {
    pub(super) fn new(
        challenges: Challenges,
        tickets: Arc<dyn ProducesTickets>,
    ) -> Result<Self, rustls::Error> {
        let resolver = Arc::new(Resolver::default());
        let mut config = server_config(Arc::<Resolver>::clone(&resolver))?;
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        config.ticketer = tickets;
        config.send_tls13_tickets = TICKETS;
        Ok(Self(Arc::new(Inner {
            config: Arc::new(config),
            resolver,
            challenges,
            insist_seconds: AtomicU32::new(0),
            is_provisional: AtomicBool::new(true),
        })))
    }

    /// Shakes hands. `None`: it was an issuer with a question, which is answered.
    pub async fn enter<S>(&self, mut stream: S) -> io::Result<Option<(S, Session)>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let accepted = greeting(&mut stream).await?;
        if let Some(name) = challenged(&accepted) {
            return self.answer(stream, accepted, &name).await.map(|()| None);
        }
        let session = begin(accepted, Arc::clone(&self.0.config))?;
        let mut encrypted = Encrypted::new(stream, session);
        encrypted.shake().await?;
        let (stream, session) = encrypted.into_session();
        Ok(Some((stream, Session(session))))
    }

    async fn answer<S>(&self, stream: S, accepted: Accepted, name: &str) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, "nobody asked for this question");
        let (host, digest) = self.0.challenges.by_name(name).await.ok_or_else(unknown)?;
        let certificate = Certificate::of_challenge(&host, &digest).map_err(io::Error::other)?;
        let shown = Arc::new(Shown(certificate));
        let mut config = server_config(shown).map_err(io::Error::other)?;
        config.alpn_protocols = vec![CHALLENGE.to_vec()];
        let session = begin(accepted, Arc::new(config))?;
        let mut encrypted = Encrypted::new(stream, session);
        encrypted.shake().await?;
        encrypted.shutdown().await
    }

    /// What an issuer is answered that asks over HTTP.
    pub async fn challenge(&self, token: &str) -> Option<String> {
        self.0.challenges.by_token(token).await
    }

    pub fn insist_seconds(&self) -> u32 {
        self.0.insist_seconds.load(Ordering::Relaxed)
    }

    /// No certificate is there that browsers would believe.
    pub fn is_provisional(&self) -> bool {
        self.0.is_provisional.load(Ordering::Relaxed)
    }

    /// From now on these are shown; `is_provisional` says that the first is only our own.
    pub(super) fn show(&self, certificates: &[Certificate], is_provisional: bool) {
        self.0.resolver.show(certificates);
        self.0
            .is_provisional
            .store(is_provisional, Ordering::Relaxed);
    }

    pub(super) fn insist(&self, seconds: u32) {
        self.0.insist_seconds.store(seconds, Ordering::Relaxed);
    }
}

fn server_config(
    resolver: Arc<dyn rustls::server::ResolvesServerCert>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_no_client_auth().with_cert_resolver(resolver))
}

fn begin(accepted: Accepted, config: Arc<ServerConfig>) -> io::Result<Box<Connection>> {
    let begun = accepted.into_connection(config);
    let begun: ServerConnection = begun.map_err(|(error, _)| io::Error::other(error))?;
    Ok(Box::new(begun.into()))
}

/// Reads what a visitor says first.
async fn greeting<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<Accepted> {
    let mut acceptor = Acceptor::default();
    std::future::poll_fn(|cx| poll_greeting(&mut acceptor, stream, cx)).await
}

fn poll_greeting<S: AsyncRead + AsyncWrite + Unpin>(
    acceptor: &mut Acceptor,
    stream: &mut S,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Accepted>> {
    loop {
        let mut now = Now(&mut *stream, cx);
        match acceptor.read_tls(&mut now) {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => return Poll::Ready(Err(error)),
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => return Poll::Ready(Ok(accepted)),
            Ok(None) => {}
            Err((error, mut alert)) => {
                let _ = alert.write_all(&mut Now(&mut *stream, cx));
                let _ = ready!(Pin::new(&mut *stream).poll_flush(cx));
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
            }
        }
    }
}

/// The name an issuer asks about.
fn challenged(accepted: &Accepted) -> Option<String> {
    let hello = accepted.client_hello();
    let is_question = hello.alpn()?.eq([CHALLENGE]);
    is_question.then(|| hello.server_name().map(str::to_owned))?
}

/// How an issuer names a host: addresses have no name of their own, so they are asked for by the one the
/// domain name system has for them (RFC 8738).
pub(super) fn asked_name(host: &Host) -> String {
    match host {
        Host::Name(name) => name.clone(),
        Host::Address(std::net::IpAddr::V4(address)) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Host::Address(std::net::IpAddr::V6(address)) => {
            let digits = address.octets().into_iter().rev();
            let digits = digits.map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4));
            format!("{}ip6.arpa", digits.collect::<String>())
        }
    }
}

#[derive(Debug)]
struct Shown(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Shown {
    fn resolve(
        &self,
        _: rustls::server::ClientHello<'_>,
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_asked_for_backwards() {
        let asked = |text: &str| asked_name(&Host::parse(text).unwrap());
        assert_eq!(asked("a.example"), "a.example");
        assert_eq!(asked("192.0.2.7"), "7.2.0.192.in-addr.arpa");
        let long = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert_eq!(asked("2001:db8::1"), long);
    }
}
