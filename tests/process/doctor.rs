//! The doctor finds what breaks blogs: each check is made to fail once, on the real program, and a site that
//! is well is told so.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::disk::Disk;
use super::site::{Setup, Site};

/// What a check says, with the code of the command.
fn examined(setup: &Setup, check: &str, more: &[&str]) -> (i32, Vec<Value>) {
    let args = [&["doctor", "--json", "--only", check][..], more].concat();
    let outcome = setup.inkstand(&args);
    let said: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    (outcome.code, said["items"].as_array().unwrap().clone())
}

/// The worst a check says is `state`, and its words hold `word`.
#[track_caller]
fn is_told(setup: &Setup, check: &str, more: &[&str], state: &str, word: &str) {
    let (code, findings) = examined(setup, check, more);
    let worst = &findings[0];
    assert_eq!(worst["state"], state, "{findings:#?}");
    assert!(worst["found"].as_str().unwrap().contains(word), "{worst:#}");
    assert_eq!(code, i32::from(state == "failure"), "{worst:#}");
    let is_trouble = matches!(state, "failure" | "warning");
    assert_eq!(worst["advice"].is_string(), is_trouble, "{worst:#}");
    assert!(!worst["why"].as_str().unwrap().is_empty());
}

/// Where the site of a test really listens.
fn listening(site: &Site) -> String {
    format!("listen={}", site.address())
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_site_that_is_well_is_told_so() {
    let site = Site::start();
    site.token();
    let setup = site.setup();
    mode(setup.data_dir(), 0o700);
    let listen = listening(&site);
    for check in [
        "data-directory",
        "database",
        "clock",
        "ports",
        "reachability",
        "server",
    ] {
        let (code, findings) = examined(&setup, check, &["--set", &listen]);
        let states: Vec<_> = findings.iter().map(|finding| &finding["state"]).collect();
        assert!(
            code == 0 && states.iter().all(|state| *state == "ok"),
            "{findings:#?}"
        );
    }
    let outcome = setup.inkstand(&["doctor", "--set", &listen]);
    for check in ["disk", "dns", "certificates", "backup", "version"] {
        assert!(
            outcome.stdout.contains(&format!(" {check}: ")),
            "{}",
            outcome.stdout
        );
    }
    assert!(outcome.stdout.contains("Do: "), "{}", outcome.stdout);
}

#[test]
fn nothing_is_made_by_looking() {
    let setup = Setup::new();
    setup.inkstand(&["doctor"]);
    assert!(!setup.data_dir().exists());
    is_told(&setup, "data-directory", &[], "note", "not there yet");
    is_told(&setup, "database", &[], "note", "no database yet");
    is_told(&setup, "server", &[], "note", "Nothing runs");
    assert!(!setup.data_dir().exists());
}

#[test]
fn rights_that_are_too_wide_or_wrong_are_found() {
    let setup = Setup::new();
    setup.make_owner();
    mode(&setup.data_dir().join("inkstand.db"), 0o644);
    mode(setup.data_dir(), 0o755);
    is_told(&setup, "data-directory", &[], "warning", "inkstand.db");
    mode(setup.data_dir(), 0o757);
    is_told(&setup, "data-directory", &[], "failure", "write into");
    mode(setup.data_dir(), 0o700);
    is_told(&setup, "data-directory", &[], "ok", "");
    // As when a command was once run as root.
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(setup.data_dir().join("search"), Some(4711), None).unwrap();
        is_told(&setup, "data-directory", &[], "failure", "search");
        std::os::unix::fs::chown(setup.data_dir(), Some(4711), None).unwrap();
        is_told(&setup, "data-directory", &[], "failure", "another user");
    }
    let file = setup.data_dir().with_file_name("file");
    fs::write(&file, "").unwrap();
    is_told(
        &setup,
        "data-directory",
        &["--data-dir", file.to_str().unwrap()],
        "failure",
        "no directory",
    );
}

#[test]
fn a_disk_with_little_room_is_found() {
    let Some(disk) = Disk::mount() else {
        eprintln!("skipped: only root can make a disk that is small enough");
        return;
    };
    let setup = Setup::new().data_in(&disk.path.join("data"));
    is_told(&setup, "disk", &[], "failure", "MiB are free");
}

#[test]
fn a_damaged_database_is_found_and_left_as_it_is() {
    let setup = Setup::new();
    setup.make_owner();
    let database = setup.data_dir().join("inkstand.db");
    let mut bytes = fs::read(&database).unwrap();
    let pages = 4096..4096 * 4;
    bytes[pages].fill(0x5a);
    fs::write(&database, &bytes).unwrap();
    is_told(&setup, "database", &[], "failure", "faults");
    assert!(fs::read(&database).unwrap() == bytes);
    fs::write(&database, "no database at all, but long enough to look at").unwrap();
    is_told(&setup, "database", &[], "failure", "faults");
    let nobody = "postgres://nobody@127.0.0.1:9/none";
    is_told(
        &setup,
        "database",
        &["--database", nobody],
        "failure",
        "cannot be looked at",
    );
}

#[test]
fn a_clock_that_went_back_is_found() {
    let site = Site::start();
    site.token();
    let hour = 3_600_000_000_i64;
    site.sql(&format!("UPDATE changes SET at = at + {hour}"));
    is_told(&site.setup(), "clock", &[], "failure", "behind");
}

#[test]
fn ports_that_others_hold_are_found() {
    let setup = Setup::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("listen={}", taken.local_addr().unwrap());
    is_told(
        &setup,
        "ports",
        &["--set", &listen],
        "failure",
        "Something else listens",
    );
    is_told(
        &setup,
        "ports",
        &["--set", "listen=192.0.2.1:8080"],
        "failure",
        "no address of this machine",
    );
    is_told(
        &setup,
        "ports",
        &["--set", "listen=127.0.0.1:0"],
        "ok",
        "Any free port",
    );
    // The site runs, and somebody else holds what this command was told of.
    let site = Site::start();
    std::thread::spawn(move || drop(taken.accept()));
    is_told(&site.setup(), "ports", &["--set", &listen], "failure", "");
}

#[test]
fn a_name_nobody_knows_is_found() {
    // Name servers that do not answer are not waited for here.
    let setup = Setup::new().env("RES_OPTIONS", Path::new("timeout:1 attempts:1"));
    let url = "site.url=https://blog.invalid";
    is_told(&setup, "dns", &["--set", url], "failure", "blog.invalid");
    is_told(
        &setup,
        "dns",
        &["--set", "site.url=http://192.0.2.1"],
        "note",
        "192.0.2.1",
    );
    is_told(&setup, "dns", &[], "note", "localhost");
}

#[test]
fn a_site_that_cannot_be_fetched_by_its_name_is_found() {
    let site = Site::start();
    let setup = site.setup();
    let nobody = "site.url=http://127.0.0.1:9";
    is_told(
        &setup,
        "reachability",
        &["--set", nobody],
        "warning",
        "cannot be fetched",
    );
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("site.url=http://{}", other.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut visitor, _) = other.accept().unwrap();
        let _ = visitor.read(&mut [0; 1024]);
        let _ = visitor
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nparked");
    });
    is_told(
        &setup,
        "reachability",
        &["--set", &url],
        "failure",
        "something else",
    );
}

#[test]
fn certificates_that_ran_out_are_found() {
    let setup = Setup::new();
    let folder = setup.data_dir().with_file_name("papers");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, days: i64| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let now = time::OffsetDateTime::now_utc();
        params.not_before = now - time::Duration::days(100);
        params.not_after = now + time::Duration::days(days);
        let made = params.self_signed(&key).unwrap();
        fs::write(folder.join("c.pem"), made.pem()).unwrap();
        fs::write(folder.join("k.pem"), key.serialize_pem()).unwrap();
    };
    let certificate = format!("tls.certificate={}", folder.join("c.pem").display());
    let key = format!("tls.key={}", folder.join("k.pem").display());
    let url = "site.url=https://blog.example.org";
    let more = ["--set", &certificate, "--set", &key, "--set", url];
    let told = |state: &str, word: &str| is_told(&setup, "certificates", &more, state, word);
    write("blog.example.org", 60);
    told("ok", "good until");
    write("blog.example.org", 5);
    told("warning", "days");
    write("blog.example.org", -1);
    told("failure", "ran out");
    write("other.example.org", 60);
    told("failure", "not for blog.example.org");
    fs::write(folder.join("c.pem"), "nothing").unwrap();
    told("failure", "cannot be used");
    is_told(&setup, "certificates", &[], "note", "not encrypted");
}

#[test]
fn what_else_is_to_be_known_is_told() {
    let setup = Setup::new();
    is_told(&setup, "backup", &[], "warning", "No backup is known");
    is_told(&setup, "version", &[], "note", "update.url");
    let nowhere = setup.data_dir().with_file_name("releases");
    let url = format!("update.url={}", nowhere.display());
    is_told(
        &setup,
        "version",
        &["--set", &url],
        "warning",
        "cannot be told",
    );
}
