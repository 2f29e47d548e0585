//! The process that decodes one picture and ends. It gives up what it does not need before it reads a
//! byte, because the picture may come from anybody.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;

use super::job::{self, Job, Outcome, Reply};
use super::{scale, take_in};

const MIB: u64 = 1024 * 1024;
/// The program itself takes some of it.
const MEMORY_BYTES: u64 = 1536 * MIB;
const ANSWER_BYTES: u64 = 512 * MIB;
/// The largest picture that is read.
pub const MAX_PICTURE_BYTES: u64 = 256 * MIB;
const TAKE_IN_CPU_SECONDS: u64 = 10;
const SCALE_CPU_SECONDS: u64 = 120;
/// Standard input, output and errors.
const FIRST_OTHER_DESCRIPTOR: i32 = 3;
/// The kernel, when it is out of memory, is to end this process before any other.
const FIRST_TO_GO: &str = "1000";
const BROKEN: u8 = 3;

/// What a job hands back: a line about it, and the pieces' bytes.
pub(super) type Pieces = (Reply, Vec<Vec<u8>>);

/// Does the job that the words name, with the picture on the standard input.
pub fn run(job: &str, mime: &str) -> ExitCode {
    match try_run(job, mime) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(BROKEN),
    }
}

fn try_run(job: &str, mime: &str) -> io::Result<()> {
    let (job, format) = job::of_words(job, mime).ok_or(io::ErrorKind::InvalidInput)?;
    give_up(job)?;
    let mut picture = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_PICTURE_BYTES)
        .read_to_end(&mut picture)?;
    let made = match job {
        Job::TakeIn => take_in::take_in(format, picture),
        Job::Scale => scale::scale(format, &picture),
    };
    let (outcome, pieces) = match made {
        Ok((reply, pieces)) => (Outcome::Done(reply), pieces),
        Err(why) => (Outcome::Refused(why), Vec::new()),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &outcome)?;
    out.write_all(b"\n")?;
    pieces.iter().try_for_each(|piece| out.write_all(piece))?;
    out.flush()
}

fn give_up(job: Job) -> io::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    prctl::set_no_new_privs()?;
    let seconds = match job {
        Job::TakeIn => TAKE_IN_CPU_SECONDS,
        Job::Scale => SCALE_CPU_SECONDS,
    };
    // Where the system does not let us, the picture is decoded all the same.
    let _ = std::fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open {
        if descriptor >= FIRST_OTHER_DESCRIPTOR {
            // The one that has just listed them is closed already.
            let _ = nix::unistd::close(descriptor);
        }
    }
    for (resource, most) in [
        (Resource::RLIMIT_AS, MEMORY_BYTES),
        (Resource::RLIMIT_CPU, seconds),
        (Resource::RLIMIT_FSIZE, ANSWER_BYTES),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, FIRST_OTHER_DESCRIPTOR as u64),
    ] {
        setrlimit(resource, most, most)?;
    }
    Ok(())
}
