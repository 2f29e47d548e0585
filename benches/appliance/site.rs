//! The real binary, serving, and a plain client that costs little itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Outcome;
use super::library::Library;

pub(crate) struct Site {
    child: Child,
    address: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Site {
    pub(crate) fn start(library: &Library, more: &[&str]) -> Outcome<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_inkstand"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--set",
                "log.level=error",
            ])
            .arg("--data-dir")
            .arg(&library.directory)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let line = BufReader::new(out)
            .lines()
            .next()
            .ok_or("it stopped at once")??;
        let address = line
            .rsplit_once("http://")
            .map(|(_, address)| address.trim_end_matches('/').to_owned())
            .ok_or("it did not say where it is")?;
        Ok(Self { child, address })
    }

    pub(crate) fn connect(&self) -> Outcome<Client> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        Ok(Client {
            reader: BufReader::new(stream.try_clone()?),
            stream,
            host: self.address.clone(),
        })
    }

    /// What all threads of the process have run so far.
    pub(crate) fn processor_time(&self) -> Outcome<Duration> {
        let mut nanos = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let stat = std::fs::read_to_string(task?.path().join("schedstat"))?;
            let ran = stat.split_whitespace().next().ok_or("no figure")?;
            nanos += ran.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    pub(crate) fn resident_kib(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.and_then(|line| line.split_whitespace().next());
        Ok(figure.ok_or("no figure")?.parse()?)
    }
}

pub(crate) struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    host: String,
}

impl Client {
    /// Asks for a page as a browser does, brotli welcome; it must be there.
    pub(crate) fn get(&mut self, path: &str) -> Outcome<()> {
        write!(
            self.stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip, br\r\n\r\n",
            self.host
        )?;
        self.answer("200", path)
    }

    pub(crate) fn publish(&mut self, token: &str, number: u32) -> Outcome<()> {
        let body = format!(
            r#"{{"title":"Published {number}","status":"published","markdown":"A letter *came*."}}"#
        );
        write!(
            self.stream,
            "POST /api/v1/posts HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )?;
        self.answer("201", "/api/v1/posts")
    }

    fn answer(&mut self, expected: &str, path: &str) -> Outcome<()> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        if line.split(' ').nth(1) != Some(expected) {
            return Err(format!("{path}: {line}").into());
        }
        let mut length = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(())
    }
}
