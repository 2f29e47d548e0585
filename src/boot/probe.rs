//! The questions a server asks itself before it says that it is ready: a page and a search through all
//! it has, over a connection nobody else can come by, and a write.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::encryption;
use crate::app::App;
use crate::config::Config;
use crate::domain::host::Host;
use crate::store::{self, StoreError};
use crate::tls;
use crate::web::server::Server;

/// As whom the server asks itself.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) host: String,
    /// The name whose certificate is to be shown, where visitors come encrypted.
    pub(super) shown: Option<Host>,
}

const LEASE: &str = "probe";
const LEASE_SECONDS: u32 = 1;
const TIME: Duration = Duration::from_secs(10);
const EVERY: Duration = Duration::from_secs(5);
/// Enough for what is asked of a site from outside.
const MAX_ANSWER_BYTES: u64 = 4096;
const PATHS: [&str; 2] = ["/", "/search?q=ink"];

#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("the server does not answer itself: {0}")]
    Connection(#[from] io::Error),
    #[error("the server does not answer itself within {} s", TIME.as_secs())]
    Slow,
    #[error("{path} is answered with “{said}”")]
    Page { path: &'static str, said: String },
    #[error("nothing can be written: {0}")]
    Write(#[from] StoreError),
}

/// Asks everything once.
pub(super) async fn once(server: &Server, app: &App, asked: &Asked) -> Result<(), ProbeError> {
    answers(server, asked).await?;
    writes(app).await
}

/// Asks again and again, until two answers in a row are wrong: one may be a full disk's or a
/// busy machine's fault.
pub(super) async fn until_fault(server: &Server, app: &App, asked: &Asked) -> ProbeError {
    loop {
        tokio::time::sleep(EVERY).await;
        #[cfg(feature = "faults")]
        if let Err(fault) = super::fault::in_trial() {
            return fault;
        }
        if once(server, app, asked).await.is_err()
            && let Err(error) = once(server, app, asked).await
        {
            return error;
        }
    }
}

async fn answers(server: &Server, asked: &Asked) -> Result<(), ProbeError> {
    for path in PATHS {
        let answer = tokio::time::timeout(TIME, ask(server, asked, path));
        let answer = answer.await.map_err(|_| ProbeError::Slow)??;
        let is_page = answer.starts_with("HTTP/1.1 200 ") && answer.contains("</html>");
        if !is_page {
            let said = answer.lines().next().unwrap_or_default().to_owned();
            return Err(ProbeError::Page { path, said });
        }
    }
    Ok(())
}

async fn ask(server: &Server, asked: &Asked, path: &str) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let asking = TcpStream::connect(listener.local_addr()?).await?;
    let own = asking.local_addr()?;
    let answering = loop {
        let (stream, address) = listener.accept().await?;
        if address == own {
            break stream;
        }
    };
    server.hand(answering).await;
    let host = &asked.host;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    match &asked.shown {
        None => converse(asking, &request).await,
        Some(host) => converse(tls::visit(asking, host).await?, &request).await,
    }
}

/// Asks a site in clear on this machine.
pub fn ask_plainly(address: SocketAddr, request: &str, longest: Duration) -> io::Result<String> {
    let mut stream = std::net::TcpStream::connect_timeout(&address, longest)?;
    stream.set_read_timeout(Some(longest))?;
    stream.set_write_timeout(Some(longest))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Asks an encrypted site on this machine, and believes whatever certificate it shows.
pub fn ask_encrypted(
    config: &Config,
    address: SocketAddr,
    request: &str,
    longest: Duration,
) -> io::Result<String> {
    let host = encryption::first_host(config);
    let host = host.ok_or_else(|| io::Error::other("site.url has no host"))?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build()?;
    let asking = async {
        let stream = TcpStream::connect(address).await?;
        converse(tls::visit(stream, &host).await?, request).await
    };
    let asked = runtime.block_on(async { tokio::time::timeout(longest, asking).await });
    asked.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> io::Result<String> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn writes(app: &App) -> Result<(), ProbeError> {
    let db = app.db.clone();
    let holder = std::process::id().to_string();
    let written = tokio::task::spawn_blocking(move || {
        db.write(|tx| {
            store::leases::try_take(tx, LEASE, &holder, LEASE_SECONDS)?;
            store::leases::release(tx, LEASE, &holder)
        })
    });
    written.await.map_err(io::Error::other)??;
    Ok(())
}
