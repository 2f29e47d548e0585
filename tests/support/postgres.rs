//! A real database server for one test process: its own directory, its own socket, no network.
//!
//! The server hangs on a leash: a shell that waits for the end of its standard input, then stops
//! the server and removes the directory. The other end of that pipe is held by the test alone, so
//! the server also goes when a test panics or is killed. Must not know what the tests store.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const OLDEST_VERSION: u32 = 15;
const START_LIMIT_SECONDS: u64 = 60;
const POLL_PAUSE: Duration = Duration::from_millis(20);
/// The server refuses to run as root; Debian's `nobody` owns nothing and may do nothing.
const NOBODY: u32 = 65_534;
const SUPERUSER: &str = "inkstand";
/// A socket's path may have 107 bytes; ours ends in a directory and `.s.PGSQL.5432`.
const MAX_PARENT_BYTES: usize = 64;

/// `$0` is the server, `$1` its directory. What is acknowledged need not survive a power cut here.
const LEASH: &str = r#"
"$0" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=100 -c shared_buffers=32MB >"$1/log" 2>&1 <&- &
server=$!
while read -r _; do :; done
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$1"
"#;

#[derive(Debug)]
pub(crate) struct Postgres {
    binaries: PathBuf,
    directory: PathBuf,
    leash: Child,
}

impl Postgres {
    /// Starts a server, or ends the test with what is missing.
    pub(crate) fn start() -> Self {
        match Self::try_start() {
            Ok(postgres) => postgres,
            Err(problem) => std::panic::panic_any(format!("no PostgreSQL for the test: {problem}")),
        }
    }

    /// The address of an empty database that is always there.
    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes an empty database and gives its address.
    pub(crate) fn create_database(&self, name: &str) -> String {
        let mut createdb = Command::new(self.binaries.join("createdb"));
        createdb.arg("-h").arg(&self.directory);
        createdb.args(["-U", SUPERUSER, "-T", "template0", "--", name]);
        if let Err(problem) = run(&mut createdb) {
            std::panic::panic_any(format!("database {name} cannot be made: {problem}"));
        }
        self.url_of(name)
    }

    fn url_of(&self, database: &str) -> String {
        format!(
            "postgres://{SUPERUSER}@/{database}?host={}",
            self.directory.display()
        )
    }

    fn try_start() -> Result<Self, String> {
        let binaries = newest_binaries()?;
        let directory = tempfile::Builder::new()
            .prefix("inkstand-postgres-")
            .permissions(PermissionsExt::from_mode(0o700))
            .tempdir_in(short_parent())
            .map_err(|error| format!("no temporary directory ({error})"))?;
        if is_root() {
            chown(directory.path(), Some(NOBODY), Some(NOBODY))
                .map_err(|error| format!("the directory cannot be given away ({error})"))?;
        }
        let mut initdb = unprivileged(&binaries.join("initdb"), directory.path());
        initdb.arg("-D").arg(directory.path().join("data"));
        initdb.args([
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--auth=trust",
            "--locale=C",
            "--no-sync",
        ]);
        run(&mut initdb)?;
        let mut leash = unprivileged(Path::new("/bin/sh"), directory.path());
        leash
            .args(["-c", LEASH])
            .arg(binaries.join("postgres"))
            .arg(directory.path());
        // In a group of its own, it outlives a Ctrl-C or a killed test long enough to tidy up.
        leash.process_group(0).stdin(Stdio::piped());
        leash.stdout(Stdio::null()).stderr(Stdio::null());
        let leash = leash
            .spawn()
            .map_err(|error| format!("the server cannot be started ({error})"))?;
        let mut postgres = Self {
            binaries,
            // From here on the leash removes it.
            directory: directory.keep(),
            leash,
        };
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(START_LIMIT_SECONDS);
        let log = || std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        while Instant::now() < deadline {
            let mut ready = Command::new(self.binaries.join("pg_isready"));
            ready.arg("-q").arg("-h").arg(&self.directory);
            if ready.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            sleep(POLL_PAUSE);
        }
        Err(format!(
            "it did not start in {START_LIMIT_SECONDS} s; its log says:\n{}",
            log()
        ))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.leash.stdin.take());
        let _ = self.leash.wait();
    }
}

/// The newest server Debian's packages have put there.
fn newest_binaries() -> Result<PathBuf, String> {
    let advice = "install it with: sudo apt-get install postgresql";
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| format!("/usr/lib/postgresql does not exist; {advice}"))?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| *version >= OLDEST_VERSION)
        .filter(|version| binaries_of(*version).join("initdb").exists())
        .max();
    newest
        .map(binaries_of)
        .ok_or_else(|| format!("there is no server of version {OLDEST_VERSION} or newer; {advice}"))
}

fn binaries_of(version: u32) -> PathBuf {
    PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))
}

fn short_parent() -> PathBuf {
    let parent = std::env::temp_dir();
    if parent.as_os_str().len() <= MAX_PARENT_BYTES {
        parent
    } else {
        PathBuf::from("/tmp")
    }
}

/// A command that does not run as root, in a directory it may enter.
fn unprivileged(program: &Path, directory: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={NOBODY}"))
            .arg(format!("--regid={NOBODY}"));
        command
            .args(["--clear-groups", "--no-new-privs", "--"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(directory);
    command
        .env_remove("PGDATA")
        .env_remove("PGOPTIONS")
        .env("LC_ALL", "C");
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} cannot be run ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}: {complaint}", output.status))
}
