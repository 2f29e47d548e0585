//! A program that is told by webhooks: keeps what it is sent, and answers as the test wants it to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const BLOCK_BYTES: usize = 64;

/// One request that came.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn event(&self) -> String {
        self.json()["type"].as_str().expect("an event").to_owned()
    }

    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// Whether the signature is right, by the words of the convention and no library of theirs.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret"));
        let time = &self.headers["webhook-timestamp"];
        let said = format!("{}.{time}.{}", self.id(), self.body);
        let expected = STANDARD.encode(hmac(&key.expect("base64"), said.as_bytes()));
        self.headers["webhook-signature"] == format!("v1,{expected}")
    }
}

/// RFC 2104.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> {
        let filled = key.iter().copied().chain(std::iter::repeat(0));
        filled.take(BLOCK_BYTES).map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::digest([&pad(0x36), text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

/// Listens for as long as the test runs.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let receiver = Self {
            address: listener.local_addr().expect("an address"),
            told: Arc::default(),
            answers: Arc::default(),
        };
        let serving = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(stream));
            }
        });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The next requests are answered with these, the others with 204.
    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        self.answers.lock().expect("answers").extend(statuses);
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().expect("what was told").clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(told) = read(&mut stream) else {
            return;
        };
        let status = self.answers.lock().expect("answers").pop_front();
        self.told.lock().expect("what was told").push(told);
        let status = status.unwrap_or(204);
        let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        // Whoever was killed does not hear it.
        let _ = stream.write_all(head.as_bytes());
    }
}

/// A whole request; `None` when its sender was cut off.
fn read(stream: &mut TcpStream) -> Option<Told> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: BTreeMap<_, _> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers["content-length"].parse().ok()?;
            if body.len() >= length {
                let body = body.to_owned();
                return Some(Told {
                    path,
                    headers,
                    body,
                });
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

// Two test programs share this file and none needs all of it.
const _: () = {
    let _ = (Receiver::port, Receiver::answer_next, Told::is_signed_with);
    let _ = (|told: &Told| told.path.len(), Told::event);
};
