//! A running program, everything it says, and how it ends. Must not know what it is for.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{PATIENCE, POLL_PAUSE};

/// How a command of the program ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// 128 and the signal's number when it was killed, as a shell counts.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(super) fn of(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            code: code_of(output.status),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// What it printed, if it did what it was asked for.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self.stdout
    }
}

fn code_of(status: std::process::ExitStatus) -> i32 {
    let killed = || status.signal().map(|signal| 128 + signal);
    status.code().or_else(killed).unwrap_or(-1)
}

/// What the program has said so far, on both of its outputs.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn keep(
        &self,
        mut output: impl BufRead + Send + 'static,
        announce: Option<Sender<String>>,
    ) -> JoinHandle<()> {
        let log = self.clone();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while output
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line).into_owned();
                if let Ok(mut log) = log.0.lock() {
                    log.push_str(&text);
                }
                if let Some(announce) = &announce {
                    let _ = announce.send(text);
                }
                line.clear();
            }
        })
    }

    fn text(&self) -> String {
        self.0.lock().map(|log| log.clone()).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: Log,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Takes over a child whose outputs are pipes; what it prints also comes line by line.
    pub(super) fn watch(mut child: Child) -> (Self, Receiver<String>) {
        let log = Log::default();
        let (announce, lines) = channel();
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take().map(BufReader::new);
        let readers = vec![
            log.keep(stdout.expect("a pipe"), Some(announce)),
            log.keep(stderr.expect("a pipe"), None),
        ];
        let process = Self {
            child,
            log,
            readers,
        };
        (process, lines)
    }

    /// Ends it, if it has not ended.
    pub(super) fn end(&mut self) {
        let _ = self.child.kill();
        self.wait();
    }

    /// What it has said so far.
    pub(super) fn said(&self) -> String {
        self.log.text()
    }

    pub(super) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), signal).expect("our own child can be signalled");
    }

    /// Waits for its end, and for the last it said.
    pub(super) fn wait(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("our own child") {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    let _ = self.child.kill();
                }
                None => std::thread::sleep(POLL_PAUSE),
            }
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        code_of(status)
    }
}
