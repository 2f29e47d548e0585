//! A client that sends exactly the bytes it is given, and reads answers without interpreting them
//! more than it must.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any limit of the server under test, so that "no answer" is a finding.
const PATIENCE_SECONDS: u64 = 30;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(PATIENCE_SECONDS)))
            .unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Sends what it can; a server may well close before it has read everything.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    pub(crate) fn stop_sending(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Goes on asking without ever reading an answer, until the server has enough of it.
    pub(crate) fn stop_reading_for(&mut self, longest: Duration, request: &str) {
        self.stream
            .set_write_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let ends = std::time::Instant::now() + longest;
        let requests = request.repeat(100);
        while std::time::Instant::now() < ends {
            match self.stream.write(requests.as_bytes()) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    fn more(&mut self) -> bool {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => false,
            Ok(count) => {
                self.unread.extend_from_slice(&chunk[..count]);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Waits for the server to close, whatever it says before.
    pub(crate) fn read_to_end(&mut self) {
        while self.more() {}
    }

    /// Everything that comes until the server closes.
    pub(crate) fn everything(mut self) -> Vec<u8> {
        self.read_to_end();
        self.unread
    }

    /// True once the server has closed the connection and nothing is left to read.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && !self.more()
    }

    /// The next answer to a request with a body; `None` when the server closed instead.
    pub(crate) fn reply(&mut self) -> Option<Reply> {
        self.read_reply(true)
    }

    /// The next answer to a HEAD request.
    pub(crate) fn reply_to_head(&mut self) -> Option<Reply> {
        self.read_reply(false)
    }

    fn read_reply(&mut self, with_body: bool) -> Option<Reply> {
        let end = loop {
            if let Some(end) = self
                .unread
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n")
            {
                break end;
            }
            if !self.more() {
                return None;
            }
        };
        let head = String::from_utf8(self.unread.drain(..end + 4).collect()).unwrap();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut reply = Reply {
            status: status.expect("a status line"),
            head,
            body: Vec::new(),
        };
        let length = reply
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if with_body && !matches!(reply.status, 100 | 204 | 304) {
            while self.unread.len() < length {
                assert!(self.more(), "the body ends early: {}", reply.head);
            }
            reply.body = self.unread.drain(..length).collect();
        }
        Some(reply)
    }
}

/// Sends one request over a connection of its own and returns the first answer.
pub(crate) fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Option<Reply> {
    let mut wire = Wire::open(address);
    wire.send(request);
    wire.reply()
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nHost: blog.test\r\nConnection: close\r\n\r\n");
    ask(address, request).expect("an answer")
}
