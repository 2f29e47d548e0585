//! A server process as its launcher sees it: what it says, how long it has for what it does, and its
//! last words.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Program;
use super::link::{self, Beginning, Handle, Sockets};
use super::succession::Estate;

/// Of what it wrote to standard error.
const LAST_LINES: usize = 20;
const MAX_LINE_BYTES: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is to become the one that serves.
    Candidate,
    Serving,
    /// It finishes what it has.
    Draining,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) pid: Pid,
    pub(super) version: String,
    pub(super) is_on_trial: bool,
    pub(super) stage: Stage,
    /// Since it is at this stage.
    pub(super) since: Instant,
    /// When the launcher's patience with it ends.
    pub(super) deadline: Option<Instant>,
    pub(super) heard: Instant,
    pub(super) link: Handle,
    pub(super) words: Option<ChildStderr>,
    last: VecDeque<String>,
    unfinished: Vec<u8>,
}

impl Server {
    pub(super) fn start(
        program: Program,
        arguments: &[OsString],
        beginning: Beginning,
        sockets: &Sockets,
        patience: Duration,
    ) -> io::Result<Self> {
        let (ours, theirs) = link::pair()?;
        ours.begin(beginning, program.is_on_trial, sockets)?;
        let mut child = Command::new(&program.path)
            .args(arguments)
            .stdin(Stdio::from(theirs))
            .stderr(Stdio::piped())
            // What is ours to hear is not the server's.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .env_remove("WATCHDOG_PID")
            .spawn()?;
        let words = child.stderr.take();
        if let Some(words) = &words {
            fcntl(words, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let now = Instant::now();
        Ok(Self {
            pid: Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?),
            version: program.version,
            is_on_trial: program.is_on_trial,
            stage: Stage::Candidate,
            since: now,
            deadline: Some(now + patience),
            heard: now,
            link: ours,
            words,
            last: VecDeque::new(),
            unfinished: Vec::new(),
        })
    }

    /// The one of the launcher before.
    pub(super) fn left(estate: &mut Estate) -> io::Result<Self> {
        let link = Handle::of(estate.descriptor()?);
        let words = if estate.will.server.has_words {
            Some(ChildStderr::from(estate.descriptor()?))
        } else {
            None
        };
        let now = Instant::now();
        Ok(Self {
            pid: Pid::from_raw(estate.will.server.pid),
            version: estate.will.server.version.clone(),
            is_on_trial: false,
            stage: Stage::Serving,
            since: now,
            deadline: None,
            heard: now,
            link,
            words,
            last: VecDeque::new(),
            unfinished: Vec::new(),
        })
    }

    pub(super) fn serve(&mut self) {
        self.become_(Stage::Serving, None);
    }

    pub(super) fn drain(&mut self, patience: Duration) {
        self.link.drain();
        self.become_(Stage::Draining, Some(patience));
    }

    fn become_(&mut self, stage: Stage, patience: Option<Duration>) {
        let now = Instant::now();
        self.stage = stage;
        self.since = now;
        self.deadline = patience.map(|patience| now + patience);
    }

    /// It is not asked.
    pub(super) fn kill(&self) {
        let _ = kill(self.pid, Signal::SIGKILL);
    }

    /// Passes on what it has written, and keeps the end of it.
    pub(super) fn listen(&mut self) {
        let Some(words) = &mut self.words else { return };
        let mut buffer = [0; 16 * 1024];
        loop {
            match words.read(&mut buffer) {
                Ok(0) => {
                    self.words = None;
                    break;
                }
                Ok(length) => {
                    // Where nobody reads our log there is nobody to tell.
                    let _ = io::stderr().write_all(&buffer[..length]);
                    keep(&mut self.last, &mut self.unfinished, &buffer[..length]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    }

    /// The end of what it has written.
    pub(super) fn last_words(mut self) -> Vec<String> {
        self.listen();
        if !self.unfinished.is_empty() {
            keep(&mut self.last, &mut self.unfinished, b"\n");
        }
        self.last.into()
    }
}

fn keep(last: &mut VecDeque<String>, unfinished: &mut Vec<u8>, bytes: &[u8]) {
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        let room = MAX_LINE_BYTES.saturating_sub(unfinished.len());
        unfinished.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.ends_with(b"\n") {
            let line = String::from_utf8_lossy(unfinished).trim_end().to_owned();
            unfinished.clear();
            last.push_back(line);
            if last.len() > LAST_LINES {
                last.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let (mut last, mut unfinished) = (VecDeque::new(), Vec::new());
        for line in 0..50 {
            keep(
                &mut last,
                &mut unfinished,
                format!("line {line}\nha").as_bytes(),
            );
            keep(&mut last, &mut unfinished, b"lf ");
        }
        assert_eq!(last.len(), LAST_LINES);
        assert_eq!(last.back().unwrap(), "half line 49");
        keep(&mut last, &mut unfinished, &[b'x'; 5000]);
        keep(&mut last, &mut unfinished, b"\n");
        assert_eq!(last.back().unwrap().len(), MAX_LINE_BYTES);
    }
}
