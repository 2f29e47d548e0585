//! Sends pictures to a process of their own to be decoded. What a hostile file does there, it does to
//! that process: it has little memory and time, no environment and no open files, and the server goes on.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::format::Format;
use super::job::{Job, Outcome, Reply};

/// The command of this program that does the work.
pub const COMMAND: &str = "picture-worker";
/// This very program, also when its file has been replaced meanwhile.
const PROGRAM: &str = "/proc/self/exe";
/// Pictures that somebody waits for, at the same moment.
const SEATS: usize = 2;
const SEAT_TIMEOUT: Duration = Duration::from_secs(2);
/// From the wish to the answer, with the wait for a seat.
const TAKE_IN_TIMEOUT: Duration = Duration::from_millis(4_500);
/// Nobody waits for smaller pictures.
const SCALE_TIMEOUT: Duration = Duration::from_secs(180);
const FIRST_LOOK: Duration = Duration::from_millis(2);
const LAST_LOOK: Duration = Duration::from_millis(40);
const MAX_LINE_BYTES: u64 = 16 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// In words for whoever sent the picture.
    #[error("{0}")]
    Refused(String),
    #[error("too many pictures are being taken in; try again in a moment")]
    Busy,
    #[error("a process for pictures cannot be used: {0}")]
    Broken(#[from] io::Error),
}

/// What the process made: the pieces' bytes follow each other in the file.
#[derive(Debug)]
pub struct Made {
    pub reply: Reply,
    file: BufReader<File>,
}

impl Made {
    /// The bytes of the next piece. To be called once for each, in their order.
    pub fn next_piece(&mut self, bytes: u64) -> impl Read + '_ {
        (&mut self.file).take(bytes)
    }
}

#[derive(Debug, Default)]
pub struct Workshop {
    taken: Mutex<usize>,
    freed: Condvar,
}

struct Seat<'a>(&'a Workshop);

impl Workshop {
    /// Takes a picture in while somebody waits.
    pub fn take_in(&self, format: Format, picture: File) -> Result<Made, Trouble> {
        let deadline = Instant::now() + TAKE_IN_TIMEOUT;
        let _seat = self.sit_down()?;
        run(Job::TakeIn, format, picture, deadline)
    }

    /// Makes smaller pictures. One at a time, by whoever holds the lease for it.
    pub fn scale(&self, format: Format, picture: File) -> Result<Made, Trouble> {
        run(Job::Scale, format, picture, Instant::now() + SCALE_TIMEOUT)
    }

    fn sit_down(&self) -> Result<Seat<'_>, Trouble> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self
            .freed
            .wait_timeout_while(taken, SEAT_TIMEOUT, |taken| *taken >= SEATS);
        let (mut taken, timeout) = wait.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(Trouble::Busy);
        }
        *taken += 1;
        Ok(Seat(self))
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken -= 1;
        self.0.freed.notify_one();
    }
}

fn run(job: Job, format: Format, picture: File, deadline: Instant) -> Result<Made, Trouble> {
    let mut answer = tempfile::tempfile()?;
    let child = Command::new(PROGRAM)
        .args([COMMAND, job.word(), format.mime()])
        .env_clear()
        .current_dir("/")
        .stdin(picture)
        .stdout(answer.try_clone()?)
        .stderr(Stdio::null())
        .spawn()?;
    let status = wait(child, deadline)?;
    if !status.is_some_and(|status| status.success()) {
        tracing::info!(
            ?status,
            job = job.word(),
            "a picture could not be decoded within its limits"
        );
        let why = "This picture takes more time or memory than there is for one, or is damaged; save it smaller, \
                   or in another format";
        return Err(Trouble::Refused(why.to_owned()));
    }
    answer.seek(SeekFrom::Start(0))?;
    let mut file = BufReader::new(answer);
    let mut line = String::new();
    (&mut file).take(MAX_LINE_BYTES).read_line(&mut line)?;
    match serde_json::from_str(&line).map_err(io::Error::from)? {
        Outcome::Done(reply) => Ok(Made { reply, file }),
        Outcome::Refused(why) => Err(Trouble::Refused(why)),
    }
}

/// How the process ended; nothing if it had to be ended.
fn wait(mut child: Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut look = FIRST_LOOK;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(look);
        look = (look * 2).min(LAST_LOOK);
    }
}
