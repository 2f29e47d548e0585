//! The socket in the data directory over which the operator's commands reach the launcher. Only who
//! runs the site, and root, may speak on it. A command is one line; the answer is JSON on one line.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::geteuid;
use serde_json::Value;

use super::succession::Estate;

const FILE: &str = "control.sock";
const MAX_COMMAND_BYTES: usize = 256;
const MAX_CLIENTS: usize = 16;
/// For the launcher's answers, which are short.
const WRITE_TIME: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Control {
    listener: UnixListener,
    path: PathBuf,
    clients: Vec<Client>,
}

#[derive(Debug)]
struct Client {
    stream: UnixStream,
    line: Vec<u8>,
    /// It has asked, and waits for the end of what it asked for.
    waits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Status,
    Reload,
    RollBack,
}

impl Control {
    /// Opens the socket, unless another launcher of this directory has it.
    pub(super) fn open(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        if UnixStream::connect(&path).is_ok() {
            let why = format!("another Inkstand listens on {}", path.display());
            return Err(io::Error::new(io::ErrorKind::AddrInUse, why));
        }
        // Left behind by one that was killed.
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            path,
            clients: Vec::new(),
        })
    }

    /// The socket of the launcher before, with whoever knocks on it just now.
    pub(super) fn left(data_dir: &Path, estate: &mut Estate) -> io::Result<Self> {
        let listener = UnixListener::from(estate.descriptor()?);
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            path: data_dir.join(FILE),
            clients: Vec::new(),
        })
    }

    /// Nobody waits for an answer.
    pub(super) fn is_quiet(&self) -> bool {
        self.clients.is_empty()
    }

    pub(super) fn listener(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }

    /// What is to be watched for something to read.
    pub(super) fn watched(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let clients = self.clients.iter().map(|client| client.stream.as_fd());
        std::iter::once(self.listener.as_fd()).chain(clients)
    }

    /// Takes in whoever has come and whatever they say. `Status` is answered at once with `status`; what
    /// takes longer is handed back, and answered with [`Control::answer`].
    pub(super) fn hear(&mut self, status: impl Fn() -> Value) -> Vec<Order> {
        while let Ok((stream, _)) = self.listener.accept() {
            if is_allowed(&stream) && self.clients.len() < MAX_CLIENTS {
                let _ = stream.set_write_timeout(Some(WRITE_TIME));
                if stream.set_nonblocking(true).is_ok() {
                    self.clients.push(Client {
                        stream,
                        line: Vec::new(),
                        waits: false,
                    });
                }
            }
        }
        let mut orders = Vec::new();
        self.clients.retain_mut(|client| match client.hear() {
            Heard::Nothing => true,
            Heard::End => false,
            Heard::Order(Order::Status) => {
                client.answer(&status());
                false
            }
            Heard::Order(order) => {
                client.waits = true;
                orders.push(order);
                true
            }
            Heard::Unknown => {
                client.answer(&serde_json::json!({ "error": "no such command" }));
                false
            }
        });
        orders
    }

    /// Answers all who wait.
    pub(super) fn answer(&mut self, value: &Value) {
        self.clients.retain_mut(|client| {
            if client.waits {
                client.answer(value);
            }
            !client.waits
        });
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn is_allowed(stream: &UnixStream) -> bool {
    getsockopt(stream, PeerCredentials)
        .is_ok_and(|peer| peer.uid() == 0 || peer.uid() == geteuid().as_raw())
}

enum Heard {
    Nothing,
    Order(Order),
    Unknown,
    End,
}

impl Client {
    fn hear(&mut self) -> Heard {
        let mut buffer = [0; MAX_COMMAND_BYTES];
        match self.stream.read(&mut buffer) {
            Ok(0) => return Heard::End,
            Ok(length) => self.line.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Heard::End,
        }
        if self.waits {
            return Heard::Nothing;
        }
        match self.line.strip_suffix(b"\n") {
            Some(b"status") => Heard::Order(Order::Status),
            Some(b"reload") => Heard::Order(Order::Reload),
            Some(b"rollback") => Heard::Order(Order::RollBack),
            Some(_) => Heard::Unknown,
            None if self.line.len() > MAX_COMMAND_BYTES => Heard::Unknown,
            None => Heard::Nothing,
        }
    }

    fn answer(&mut self, value: &Value) {
        // Small enough for an empty buffer; a client that does not take it has gone.
        let _ = self.stream.set_nonblocking(false);
        let _ = self.stream.write_all(format!("{value}\n").as_bytes());
    }
}

/// Asks the launcher of a data directory; waits for its answer.
pub fn ask(data_dir: &Path, command: &str) -> io::Result<Value> {
    let mut stream = UnixStream::connect(data_dir.join(FILE))?;
    stream.write_all(format!("{command}\n").as_bytes())?;
    let answer = io::read_to_string(stream)?;
    serde_json::from_str(&answer).map_err(|_| io::Error::other("it ended before it answered"))
}
