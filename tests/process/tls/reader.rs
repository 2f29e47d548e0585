//! A reader who comes encrypted and looks closely: which certificate is shown, whether the hands were
//! shaken in full, what the answer is.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned};
use x509_parser::prelude::{FromDer as _, X509Certificate};

const PATIENCE: Duration = Duration::from_secs(10);

/// Remembers tickets from visit to visit.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    config: Arc<ClientConfig>,
    address: SocketAddr,
}

#[derive(Debug)]
pub(super) struct Visit {
    pub(super) answer: String,
    pub(super) certificate: Vec<u8>,
    pub(super) came_back: bool,
}

impl Visit {
    pub(super) fn status(&self) -> &str {
        self.answer.split(' ').nth(1).unwrap_or_default()
    }

    pub(super) fn issuer(&self) -> String {
        let (_, parsed) = X509Certificate::from_der(&self.certificate).unwrap();
        parsed.issuer().to_string()
    }
}

impl Reader {
    pub(super) fn new(address: SocketAddr, roots: Arc<RootCertStore>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Self {
            config: Arc::new(config),
            address,
        }
    }

    pub(super) fn speaking(mut self, protocols: &[&str]) -> Self {
        let config = Arc::make_mut(&mut self.config);
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        self
    }

    /// The same without a ticket.
    pub(super) fn fresh(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = rustls::client::Resumption::disabled();
        Self {
            config: Arc::new(config),
            address: self.address,
        }
    }

    pub(super) fn connect(
        &self,
        name: &str,
    ) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let session = ClientConnection::new(Arc::clone(&self.config), name);
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut stream = StreamOwned::new(session.map_err(io::Error::other)?, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    pub(super) fn visit(&self, name: &str, path: &str) -> io::Result<Visit> {
        let mut stream = self.connect(name)?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let certificates = stream.conn.peer_certificates();
        let certificate = certificates.and_then(<[CertificateDer<'_>]>::first);
        Ok(Visit {
            answer: String::from_utf8_lossy(&answer).into_owned(),
            certificate: certificate.map(|found| found.to_vec()).unwrap_or_default(),
            came_back: stream.conn.handshake_kind() == Some(HandshakeKind::Resumed),
        })
    }
}
