//! A whole site for a test: the real program, started on a free port with a data directory of its
//! own, and what can be done to it from outside. When a test fails, everything the program said is
//! shown; when it passes, the program must not have panicked. Must not know what the tests ask for.

mod child;
pub(crate) mod crowd;
mod visitor;

use std::ffi::OsStr;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

pub(crate) use child::Outcome;
use child::Process;
pub(crate) use visitor::{Answer, Browser};

/// A guard against hanging for ever, not a promise of speed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const POLL_PAUSE: Duration = Duration::from_millis(10);
const OWNER_EMAIL: &str = "owner@example.org";
/// What the program prints when a thread of it panics.
const PANICKED: &str = "panicked at";

/// Asks again and again until there is an answer; fails the test when none ever comes.
#[track_caller]
pub(crate) fn eventually<T, F: FnMut() -> Option<T>>(what: &str, mut ask: F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "it never happened that {what}");
        std::thread::sleep(POLL_PAUSE);
    }
}

/// Starts sites, any number of them, that share what they are given here.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    data_dir: PathBuf,
    database: Option<String>,
    args: Vec<String>,
    /// Port 0: any that is free.
    listen: String,
    program: PathBuf,
    environment: Vec<(String, PathBuf)>,
    /// Words before the program, such as `setpriv …`.
    wrapper: Vec<String>,
    /// Held so that it goes with the last who needs it.
    folder: Arc<tempfile::TempDir>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("inkstand-site-")
            .tempdir()
            .expect("a temporary directory");
        Self {
            data_dir: folder.path().join("data"),
            database: None,
            args: Vec::new(),
            listen: "127.0.0.1:0".to_owned(),
            program: env!("CARGO_BIN_EXE_inkstand").into(),
            environment: Vec::new(),
            wrapper: Vec::new(),
            folder: Arc::new(folder),
        }
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().copied().map(str::to_owned));
        self
    }

    /// Where another was before, for those who look for it there.
    pub(crate) fn listen_at(mut self, address: SocketAddr) -> Self {
        self.listen = address.to_string();
        self
    }

    pub(crate) fn database(mut self, url: String) -> Self {
        self.database = Some(url);
        self
    }

    pub(crate) fn data_in(mut self, data_dir: &Path) -> Self {
        data_dir.clone_into(&mut self.data_dir);
        self
    }

    pub(crate) fn run_by(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().copied().map(str::to_owned).collect();
        // Whoever that is must be able to reach it.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        let _ = std::fs::set_permissions(self.folder.path(), open);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &Path) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another copy of the program.
    pub(crate) fn program(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The program, free of whatever configures it on this machine.
    fn command(&self, args: &[&str]) -> Command {
        let mut words = self
            .wrapper
            .iter()
            .map(OsStr::new)
            .chain([self.program.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(args);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INKSTAND_") {
                command.env_remove(name);
            }
        }
        command.env("INKSTAND_DATA_DIR", &self.data_dir);
        command.env("INKSTAND_CONFIG", "/dev/null");
        command.env("RUST_BACKTRACE", "0");
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        if let Some(database) = &self.database {
            command.env("INKSTAND_DATABASE", database);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs another command of the program on the same data, to its end.
    pub(crate) fn inkstand(&self, args: &[&str]) -> Outcome {
        self.inkstand_reading(args, "")
    }

    /// The same, with something to read on its standard input.
    pub(crate) fn inkstand_reading(&self, args: &[&str], input: &str) -> Outcome {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A command that does not read leaves the pipe closed: nothing is wrong with that.
        let _ = child
            .stdin
            .take()
            .map(|mut pipe| pipe.write_all(input.as_bytes()));
        let outcome = Outcome::of(child.wait_with_output().expect("it ends"));
        assert!(!outcome.stderr.contains(PANICKED), "{}", outcome.stderr);
        outcome
    }

    /// Runs another command, and ends it as a power cut would, if it has not ended by then.
    pub(crate) fn killed_after(&self, args: &[&str], time: Duration) {
        let mut command = self.command(args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        std::thread::sleep(time);
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Makes an owner, and gives a token that may do everything the owner may.
    pub(crate) fn make_owner(&self) -> String {
        let user = [
            "user",
            "create",
            "--email",
            OWNER_EMAIL,
            "--name",
            "Olive Owner",
        ];
        let password = "a password of the owner\n";
        let args = [&user[..], &["--role", "owner"]].concat();
        self.inkstand_reading(&args, password).ok();
        let token = [
            "token",
            "create",
            "--name",
            "tests",
            "--scope",
            "read,write,admin",
        ];
        self.inkstand(&token).ok().trim().to_owned()
    }

    /// Starts a server that is expected to give up; hands back how it did.
    #[track_caller]
    pub(crate) fn refuse(&self) -> Outcome {
        let Err(outcome) = self.try_start() else {
            panic!("the server has started");
        };
        outcome
    }

    #[track_caller]
    pub(crate) fn start(&self) -> Site {
        match self.try_start() {
            Ok(site) => site,
            Err(outcome) => panic!("no server: {outcome:?}"),
        }
    }

    fn try_start(&self) -> Result<Site, Outcome> {
        let mut args = vec!["serve", "--listen", &self.listen];
        args.extend(self.args.iter().map(String::as_str));
        let mut command = self.command(&args);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let with_metrics = self
            .args
            .iter()
            .any(|word| word.starts_with("metrics.listen="));
        let (mut process, lines) = Process::watch(child);
        let Some(addresses) = Addresses::read(&lines, with_metrics) else {
            let code = process.wait();
            let stderr = process.said();
            return Err(Outcome {
                code,
                stdout: String::new(),
                stderr,
            });
        };
        Ok(Site {
            setup: self.clone(),
            process,
            anyone: Browser::new(addresses.site, None),
            metrics: addresses.metrics,
            token: OnceLock::new(),
        })
    }
}

/// Where the program says it can be reached.
struct Addresses {
    site: SocketAddr,
    metrics: Option<SocketAddr>,
}

impl Addresses {
    /// `None` when it ended without saying so.
    fn read(lines: &Receiver<String>, with_metrics: bool) -> Option<Self> {
        let find = |line: &str, before: &str| -> Option<SocketAddr> {
            line.strip_prefix(before)?.split('/').next()?.parse().ok()
        };
        let mut site = None;
        while site.is_none() {
            let line = lines.recv_timeout(PATIENCE).ok()?;
            let addresses = ["http", "https"].map(|scheme| format!("Inkstand is at {scheme}://"));
            site = addresses.iter().find_map(|before| find(&line, before));
        }
        let mut metrics = None;
        while with_metrics && metrics.is_none() {
            let line = lines.recv_timeout(PATIENCE).ok()?;
            metrics = find(&line, "Metrics are at http://");
        }
        site.map(|site| Self { site, metrics })
    }
}

/// A site that is running.
#[derive(Debug)]
pub(crate) struct Site {
    setup: Setup,
    process: Process,
    anyone: Browser,
    metrics: Option<SocketAddr>,
    token: OnceLock<String>,
}

impl Site {
    #[track_caller]
    pub(crate) fn start() -> Self {
        Setup::new().start()
    }

    #[track_caller]
    pub(crate) fn start_with(args: &[&str]) -> Self {
        Setup::new().args(args).start()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.anyone.address
    }

    /// The address of a page, for programs that want it whole.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// The same as the site itself writes it, to whom no other name was given.
    pub(crate) fn own_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address().port())
    }

    /// Where metrics are read, if the site was asked to show them on an address of their own.
    pub(crate) fn metrics(&self) -> Option<Browser> {
        self.metrics.map(|address| Browser::new(address, None))
    }

    /// A reader, whom nobody knows.
    pub(crate) fn anyone(&self) -> &Browser {
        &self.anyone
    }

    /// The owner, with a token made on first use.
    pub(crate) fn owner(&self) -> Browser {
        Browser::new(self.address(), Some(self.token().to_owned()))
    }

    /// A program with a token of its own.
    pub(crate) fn program(&self, token: &str) -> Browser {
        Browser::new(self.address(), Some(token.to_owned()))
    }

    /// The owner's token.
    pub(crate) fn token(&self) -> &str {
        self.token.get_or_init(|| self.setup.make_owner())
    }

    /// Says which token to use, where the owner was made before the site was started.
    pub(crate) fn with_token(self, token: &str) -> Self {
        let _ = self.token.set(token.to_owned());
        self
    }

    /// Runs another command of the program beside the site.
    pub(crate) fn inkstand(&self, args: &[&str]) -> Outcome {
        self.setup.inkstand(args)
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.setup.data_dir()
    }

    /// Changes the store behind the program's back, for what would take a long time otherwise.
    pub(crate) fn sql(&self, statement: &str) {
        let store = rusqlite::Connection::open(self.data_dir().join("inkstand.db"));
        let store = store.expect("the store opens");
        store.busy_timeout(PATIENCE).expect("it can wait");
        store.execute_batch(statement).expect("it is done");
    }

    pub(crate) fn log(&self) -> String {
        self.process.said()
    }

    /// Tells it to stop, without waiting.
    pub(crate) fn ask_to_stop(&self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// Waits for its end: the exit code.
    pub(crate) fn wait(&mut self) -> i32 {
        self.process.wait()
    }

    /// Tells it to stop, and waits for it: the exit code.
    pub(crate) fn stop(mut self) -> i32 {
        self.ask_to_stop();
        self.process.wait()
    }

    /// Ends it as a power cut would: it learns nothing of it.
    pub(crate) fn kill(mut self) {
        self.process.signal(Signal::SIGKILL);
        assert_eq!(self.process.wait(), 128 + 9, "it ended by itself before");
    }

    /// Starts it again on the same data, after `stop` or `kill` of the one before.
    pub(crate) fn setup(&self) -> Setup {
        self.setup.clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.process.end();
        let log = self.log();
        if std::thread::panicking() {
            eprintln!("--- what {} said\n{log}---", self.address());
        } else {
            assert!(!log.contains(PANICKED), "the server panicked:\n{log}");
        }
    }
}

// Three test programs share this file and none needs all of it.
const _: () = {
    let _ = (
        Site::start,
        Site::start_with,
        Site::url,
        Site::own_url,
        Site::metrics,
        Site::owner,
        Site::program,
        Site::log,
    );
    let _ = (
        Site::with_token,
        Site::inkstand,
        Site::data_dir,
        Site::stop,
        Site::kill,
    );
    let _ = (
        Site::setup,
        Site::sql,
        Site::ask_to_stop,
        Site::wait,
        Site::anyone,
        Setup::refuse,
    );
    let _ = (
        Setup::database,
        Setup::data_in,
        Setup::run_by,
        Answer::header,
        Answer::json,
    );
    let _ = (
        Answer::expect,
        Browser::get,
        Browser::with_token,
        Browser::ask,
        Browser::post,
        eventually::<(), fn() -> Option<()>>,
    );
    let _ = (Setup::args, Setup::program, Setup::env, Setup::killed_after);
    let _ = Setup::listen_at;
    let _ = (
        crowd::Crowd::gather,
        crowd::Crowd::leave,
        crowd::Tally::default,
    );
};
