//! A small issuer in front of Pebble that is out of order on purpose: it looks at each question, answers by
//! itself, bends Pebble's answer, or holds it back. Must not know what a test wants with that.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use super::pebble::Pebble;

/// A question on its way to the issuer.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) path: String,
    body: Vec<u8>,
}

impl Ask {
    /// What is said in the signed envelope.
    pub(super) fn said(&self) -> Value {
        let envelope: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let payload = envelope["payload"].as_str().unwrap_or_default();
        let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        serde_json::from_slice(&payload).unwrap_or_default()
    }

    /// Which step of the protocol it is.
    pub(super) fn step(&self) -> &'static str {
        let steps = [
            ("/dir", "directory"),
            ("/nonce", "nonce"),
            ("/sign-me-up", "account"),
            ("/order-plz", "order"),
            ("/authZ/", "authorization"),
            ("/chalZ/", "challenge"),
            ("/my-order/", "look"),
            ("/finalize-order/", "finalize"),
            ("/certZ/", "certificate"),
            ("/renewal-info/", "renewal"),
        ];
        let known = steps.iter().find(|(start, _)| self.path.starts_with(start));
        known.map_or("other", |(_, step)| step)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Said {
    pub(super) fn new(status: u16, kind: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What Pebble says.
pub(super) type Pass<'a> = dyn Fn(&Ask) -> Said + 'a;
/// Answers a question, with or without Pebble. `None`: the connection breaks off.
type Rule = Box<dyn Fn(&Ask, &Pass<'_>) -> Option<Said> + Send + Sync>;

pub(super) struct Front {
    port: u16,
    asked: Arc<Mutex<Vec<Ask>>>,
    closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Shop {
    tls: Arc<ServerConfig>,
    agent: ureq::Agent,
    pebble: String,
    host: String,
    rule: Rule,
    asked: Arc<Mutex<Vec<Ask>>>,
}

impl Front {
    pub(super) fn open(
        pebble: &Pebble,
        rule: impl Fn(&Ask, &Pass<'_>) -> Option<Said> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let chain = CertificateDer::from_pem_slice(pebble.authority.chain.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(pebble.authority.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider);
        let tls = tls.with_safe_default_protocol_versions().unwrap();
        let tls = tls
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        let (asked, closed) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let shop = Arc::new(Shop {
            tls: Arc::new(tls),
            agent: pebble.agent(),
            pebble: format!("https://{}", pebble.api()),
            host: format!("localhost:{port}"),
            rule: Box::new(rule),
            asked: Arc::clone(&asked),
        });
        let is_closed = Arc::clone(&closed);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closed.load(Ordering::Relaxed) {
                    return;
                }
                let shop = Arc::clone(&shop);
                std::thread::spawn(move || shop.serve(stream));
            }
        });
        Self {
            port,
            asked,
            closed,
            thread: Some(thread),
        }
    }

    pub(super) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    pub(super) fn asked(&self) -> Vec<Ask> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn count(&self, step: &str) -> usize {
        self.asked().iter().filter(|ask| ask.step() == step).count()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shop {
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let session = ServerConnection::new(Arc::clone(&self.tls)).ok()?;
        let mut stream = BufReader::new(StreamOwned::new(session, stream));
        let ask = read(&mut stream)?;
        self.asked.lock().unwrap().push(ask.clone());
        let said = (self.rule)(&ask, &|ask| self.pass(ask))?;
        let mut stream = stream.into_inner();
        let mut head = format!("HTTP/1.1 {} As asked\r\n", said.status);
        for (name, value) in &said.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let length = said.body.len();
        let _ = write!(
            head,
            "content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        if ask.method != "HEAD" {
            stream.write_all(&said.body).ok()?;
        }
        stream.conn.send_close_notify();
        stream.flush().ok()
    }

    fn pass(&self, ask: &Ask) -> Said {
        let request = ureq::http::Request::builder()
            .method(&*ask.method)
            .uri(format!("{}{}", self.pebble, ask.path))
            .header("host", &self.host)
            .header("content-type", "application/jose+json");
        let answer = if ask.method == "POST" {
            self.agent.run(request.body(&*ask.body).unwrap())
        } else {
            self.agent.run(request.body(()).unwrap())
        };
        let Ok(mut answer) = answer else {
            return Said::new(502, "text/plain", "Pebble is not there");
        };
        let dropped = [
            "content-length",
            "connection",
            "transfer-encoding",
            "content-encoding",
        ];
        let headers = answer.headers().iter();
        let headers = headers.filter(|(name, _)| !dropped.contains(&name.as_str()));
        Said {
            status: answer.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: answer.body_mut().read_to_vec().unwrap(),
        }
    }
}

fn read(stream: &mut BufReader<StreamOwned<ServerConnection, TcpStream>>) -> Option<Ask> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Ask { method, path, body })
}
