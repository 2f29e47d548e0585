//! Servers that take over from each other under a crowd that never stops asking. `HANDOVERS=100` makes
//! it long (see docs/operations/handover.md); the times it prints are for people, not for passing.

use std::collections::HashSet;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use serde_json::{Value, json};

use super::site::crowd::{Crowd, Questions};
use super::site::{PATIENCE, Setup, Site, eventually};

const FEW: usize = 10;
const FILE_BYTES: usize = 2 * 1024 * 1024;
/// What stands in the place of the program for a moment.
const CRASHES: &str = "#!/bin/sh\necho 'no, not today' >&2\nexit 7\n";
const HANGS: &str = "#!/bin/sh\nexec sleep 600\n";

/// A copy of the program that can be replaced without anybody else's harm.
fn own_program(folder: &Path) -> PathBuf {
    let program = folder.join("inkstand");
    let built = env!("CARGO_BIN_EXE_inkstand");
    if fs::hard_link(built, &program).is_err() {
        fs::copy(built, &program).unwrap();
    }
    program
}

/// Puts a file in the place of the program, all at once.
fn replace(program: &Path, script: &str) {
    let new = program.with_extension("new");
    fs::write(&new, script).unwrap();
    fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).unwrap();
    fs::rename(new, program).unwrap();
}

fn status(site: &Site) -> Value {
    let said = site.inkstand(&["status", "--json"]).ok();
    serde_json::from_str(&said).unwrap()
}

fn serving(site: &Site) -> Option<i64> {
    let status = status(site);
    let servers = status["servers"].as_array().unwrap();
    let mut serving = servers.iter().filter(|server| server["stage"] == "serving");
    serving.next().and_then(|server| server["pid"].as_i64())
}

fn large_file(site: &Site) -> String {
    let path = site.data_dir().join("waves.wav");
    let mut sound = b"RIFFsizeWAVE".to_vec();
    sound.resize(FILE_BYTES, b'~');
    fs::write(&path, sound).unwrap();
    let said = site
        .inkstand(&["media", "add", path.to_str().unwrap()])
        .ok();
    let (_, address) = said.trim().trim_end_matches(')').rsplit_once('(').unwrap();
    address.to_owned()
}

#[test]
fn nobody_notices_that_servers_change() {
    let many = std::env::var("HANDOVERS").ok();
    let many = many.map_or(FEW, |many| many.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let program = own_program(folder.path());
    let setup = Setup::new().program(&program);
    let site = setup.args(&["--set", "launcher.ready_seconds=2"]).start();
    let post = json!({ "title": "Still here", "status": "published", "markdown": "As ever." });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let crowd = Crowd::gather(&Questions {
        address: site.address(),
        token: site.token().to_owned(),
        page: ("/still-here".to_owned(), "As ever.".to_owned()),
        file: (large_file(&site), FILE_BYTES),
    });
    let first = serving(&site);
    for number in 0..many {
        let fault = match number % 5 {
            1 => Some((CRASHES, "it ended with code 7")),
            3 => Some((HANGS, "it was ended by SIGKILL")),
            _ => None,
        };
        if let Some((script, why)) = fault {
            let before = serving(&site);
            replace(&program, script);
            let said = site
                .setup()
                .program(Path::new(env!("CARGO_BIN_EXE_inkstand")));
            let said = said.inkstand(&["reload"]);
            assert_eq!(said.code, 1, "{}", said.stdout);
            assert!(said.stderr.contains(why), "{}", said.stderr);
            fs::remove_file(&program).unwrap();
            own_program(folder.path());
            assert_eq!(serving(&site), before, "the old one goes on");
        }
        site.inkstand(&["reload"]).ok();
        std::thread::sleep(Duration::from_millis(100));
    }
    let tally = crowd.leave();
    let (last, end) = (serving(&site), status(&site));
    assert_ne!(first, last);
    assert_eq!(end["handovers"], many);
    let words = end["last_failure"]["last_words"].to_string();
    assert!(many < 2 || !words.is_empty());
    let faults = &tally.faults;
    assert!(
        faults.is_empty(),
        "{} faults: {:?}",
        faults.len(),
        &faults[..faults.len().min(5)]
    );
    let texts = titles(&site);
    let missing: Vec<_> = tally
        .acknowledged
        .iter()
        .filter(|title| !texts.contains(*title))
        .collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    let at = |share: usize| tally.waits[(tally.waits.len() - 1) * share / 1000];
    println!(
        "{many} handovers, {} answers, {} texts; waits: middle {:?}, p99 {:?}, longest {:?}",
        tally.answers,
        tally.acknowledged.len(),
        at(500),
        at(990),
        at(1000),
    );
}

fn titles(site: &Site) -> HashSet<String> {
    let mut titles = HashSet::new();
    let mut path = "/api/v1/posts?status=draft&limit=100".to_owned();
    loop {
        let found = site.owner().get(&path).expect(200).json();
        let posts = found["items"].as_array().unwrap().iter();
        titles.extend(posts.filter_map(|post| post["title"].as_str().map(str::to_owned)));
        let Some(cursor) = found["next"].as_str() else {
            return titles;
        };
        path = format!("/api/v1/posts?status=draft&limit=100&cursor={cursor}");
    }
}

#[test]
fn a_server_that_crashes_comes_back_and_its_last_words_are_kept() {
    let site = Site::start();
    let before = serving(&site).unwrap();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(before).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    // Asked meanwhile, a question waits and is answered.
    site.anyone().get("/").expect(200);
    let after = eventually("another server serves", || {
        serving(&site).filter(|now| *now != before)
    });
    assert_ne!(before, after);
    let status = status(&site);
    assert_eq!(status["crashes_in_a_row"], 1);
    let why = status["last_failure"]["why"].as_str().unwrap();
    assert!(why.contains("SIGKILL"), "{why}");
    let words = status["last_failure"]["last_words"].to_string();
    assert!(words.contains("the store is open"), "{words}");
    let said = site.inkstand(&["status"]).ok();
    assert!(said.contains("crashed: it was ended by SIGKILL"), "{said}");
}

#[test]
fn a_configuration_with_mistakes_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inkstand.toml");
    fs::write(&file, "[log]\nlevel = \"info\"\n").unwrap();
    let site = Setup::new()
        .args(&["--config", file.to_str().unwrap()])
        .start();
    let before = serving(&site);
    fs::write(&file, "[log]\nlevel = \"loud\"\n").unwrap();
    let said = site.inkstand(&["reload"]);
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("log.level"), "{}", said.stderr);
    assert_eq!(serving(&site), before);
    fs::write(&file, "[site]\nurl = \"https://elsewhere.example\"\n").unwrap();
    site.inkstand(&["reload"]).ok();
    assert_ne!(serving(&site), before);
    let robots = site.anyone().send("GET", "/robots.txt", &[], None).body;
    assert!(robots.contains("https://elsewhere.example/"), "{robots}");
}

#[test]
fn commands_without_a_site_say_so() {
    let setup = Setup::new();
    for command in ["status", "reload"] {
        let said = setup.inkstand(&[command]);
        assert_eq!(said.code, 1);
        assert!(said.stderr.contains("inkstand serve"), "{}", said.stderr);
    }
}

#[test]
fn systemd_is_told_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = || {
        let mut message = [0; 1000];
        let length = socket.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    let hear_all = |wanted: &str| while !hear().starts_with(wanted) {};
    let site = Setup::new()
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", Path::new("200000"))
        .start();
    hear_all("READY=1");
    hear_all("WATCHDOG=1");
    site.inkstand(&["reload"]).ok();
    hear_all("RELOADING=1\nMONOTONIC_USEC=");
    hear_all("READY=1");
    hear_all("WATCHDOG=1");
    site.ask_to_stop();
    hear_all("STOPPING=1");
}

#[test]
fn a_socket_that_systemd_has_opened_is_served() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    fcntl(&socket, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
    let pass_on = format!(
        "exec 3<&{}; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"",
        socket.as_raw_fd()
    );
    let site = Setup::new()
        .run_by(&["bash", "-c", &pass_on, "bash"])
        .start();
    assert_eq!(site.address(), address);
    site.anyone().get("/").expect(200);
    site.setup().run_by(&[]).inkstand(&["reload"]).ok();
    site.anyone().get("/").expect(200);
}

#[test]
fn nothing_is_left_when_the_launcher_is_killed() {
    let site = Site::start();
    let pid = serving(&site).unwrap();
    let address = site.address();
    site.kill();
    eventually("the server ends, too", || {
        (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
    assert!(TcpStream::connect(address).is_err());
}
