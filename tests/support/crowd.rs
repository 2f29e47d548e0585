//! People who go on asking a site while something happens to it: on new connections, on kept ones, slowly,
//! and with texts that must be there afterwards. Each asks at set times, however long answers take, and
//! counts everything that is not the right answer.

use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::PATIENCE;

const READERS: usize = 2;
const KEEPERS: usize = 4;
const WRITERS: usize = 2;
const DOWNLOADERS: usize = 2;
const EVERY: Duration = Duration::from_millis(10);
/// A download takes longer than a server lives between two handovers.
const SIP_BYTES: usize = 32 * 1024;
const SIP_PAUSE: Duration = Duration::from_millis(40);

/// What one of them has seen.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) answers: usize,
    pub(crate) faults: Vec<String>,
    /// From when a question was due to the end of its answer.
    pub(crate) waits: Vec<Duration>,
    /// Titles of texts the site said it has.
    pub(crate) acknowledged: Vec<String>,
}

/// What they ask for.
#[derive(Debug, Clone)]
pub(crate) struct Questions {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    /// A page, and words that stand in it.
    pub(crate) page: (String, String),
    /// A large file, and how large it is.
    pub(crate) file: (String, usize),
}

#[derive(Debug)]
pub(crate) struct Crowd {
    enough: Arc<AtomicBool>,
    people: Vec<JoinHandle<Tally>>,
}

impl Crowd {
    pub(crate) fn gather(questions: &Questions) -> Self {
        let enough = Arc::<AtomicBool>::default();
        let mut people = Vec::new();
        let mut join = |count: usize, what: fn(&Questions, &AtomicBool, usize) -> Tally| {
            for number in 0..count {
                let (questions, enough) = (questions.clone(), Arc::clone(&enough));
                people.push(std::thread::spawn(move || {
                    what(&questions, &enough, number)
                }));
            }
        };
        join(READERS, read_anew);
        join(KEEPERS, read_on);
        join(WRITERS, write);
        join(DOWNLOADERS, download);
        Self { enough, people }
    }

    /// Sends them home; what all of them have seen.
    pub(crate) fn leave(self) -> Tally {
        self.enough.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for person in self.people {
            let tally = person.join().expect("a person does not panic");
            all.answers += tally.answers;
            all.faults.extend(tally.faults);
            all.waits.extend(tally.waits);
            all.acknowledged.extend(tally.acknowledged);
        }
        all.waits.sort_unstable();
        all
    }
}

/// Asks at its times until there is enough; what `ask` says is wrong is a fault.
fn at_times(
    enough: &AtomicBool,
    mut ask: impl FnMut(usize, &mut Tally) -> io::Result<()>,
) -> Tally {
    let mut tally = Tally::default();
    let mut due = Instant::now();
    for number in 0.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        match ask(number, &mut tally) {
            Ok(()) => tally.answers += 1,
            Err(error) => tally.faults.push(error.to_string()),
        }
        tally.waits.push(due.elapsed());
        due += EVERY;
    }
    tally
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn wrong(what: impl Into<String>) -> io::Error {
    io::Error::other(what.into())
}

struct Answer {
    status: String,
    body: String,
    is_last: bool,
}

fn ask(stream: &mut TcpStream, request: &str) -> io::Result<Answer> {
    stream.write_all(request.as_bytes())?;
    let mut read = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let mut more = |read: &mut Vec<u8>, stream: &mut TcpStream| match stream.read(&mut chunk)? {
        0 => Err(wrong(format!("closed after {} bytes", read.len()))),
        count => {
            read.extend_from_slice(&chunk[..count]);
            Ok(())
        }
    };
    let end = loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        more(&mut read, stream)?;
    };
    let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length: usize = field("content-length: ")
        .and_then(|length| length.parse().ok())
        .ok_or_else(|| wrong("no length"))?;
    while read.len() < end + length {
        more(&mut read, stream)?;
    }
    Ok(Answer {
        status: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&read[end..]).into_owned(),
        is_last: field("connection: ") == Some("close"),
    })
}

fn page_of(questions: &Questions, stream: &mut TcpStream, more: &str) -> io::Result<Answer> {
    let (path, words) = &questions.page;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\n{more}\r\n",
        questions.address
    );
    let answer = ask(stream, &request)?;
    if answer.status == "200" && answer.body.contains(words) {
        Ok(answer)
    } else {
        Err(wrong(format!("{}: {}", answer.status, answer.body)))
    }
}

/// A new connection each time.
fn read_anew(questions: &Questions, enough: &AtomicBool, _: usize) -> Tally {
    at_times(enough, |_, _| {
        let mut stream = connect(questions.address)?;
        page_of(questions, &mut stream, "Connection: close\r\n").map(drop)
    })
}

/// One connection as long as the server wants to keep it. Being signed in as nobody, half of them take
/// the long way through the server.
fn read_on(questions: &Questions, enough: &AtomicBool, number: usize) -> Tally {
    let more = if number.is_multiple_of(2) {
        ""
    } else {
        "Cookie: x=y\r\n"
    };
    let mut kept = None;
    at_times(enough, |_, _| {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => connect(questions.address)?,
        };
        let answer = page_of(questions, &mut stream, more)?;
        kept = (!answer.is_last).then_some(stream);
        Ok(())
    })
}

/// Texts, over a kept connection.
fn write(questions: &Questions, enough: &AtomicBool, number: usize) -> Tally {
    let mut kept = None;
    at_times(enough, |count, tally| {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => connect(questions.address)?,
        };
        let title = format!("Text {number} {count}");
        let body = format!("{{\"title\":\"{title}\",\"markdown\":\"x\"}}");
        let request = format!(
            "POST /api/v1/posts HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            questions.address,
            questions.token,
            body.len()
        );
        let answer = ask(&mut stream, &request)?;
        if answer.status != "201" {
            return Err(wrong(format!("{}: {}", answer.status, answer.body)));
        }
        tally.acknowledged.push(title);
        kept = (!answer.is_last).then_some(stream);
        Ok(())
    })
}

/// A large file, in sips.
fn download(questions: &Questions, enough: &AtomicBool, _: usize) -> Tally {
    let (path, bytes) = &questions.file;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        questions.address
    );
    let mut tally = Tally::default();
    while !enough.load(Ordering::Relaxed) {
        let sip = || -> io::Result<()> {
            let mut stream = connect(questions.address)?;
            stream.write_all(request.as_bytes())?;
            let (mut chunk, mut count) = (vec![0; SIP_BYTES], 0);
            loop {
                match stream.read(&mut chunk)? {
                    0 if count > *bytes => return Ok(()),
                    0 => return Err(wrong(format!("a file ends after {count} bytes"))),
                    more => count += more,
                }
                if !enough.load(Ordering::Relaxed) {
                    std::thread::sleep(SIP_PAUSE);
                }
            }
        };
        match sip() {
            Ok(()) => tally.answers += 1,
            Err(error) => tally.faults.push(error.to_string()),
        }
    }
    tally
}
