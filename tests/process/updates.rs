//! A really built later version, put in the place of the one that runs: under load, with faults, with the
//! plug pulled, and with releases nobody should take. `tests/newer` builds that version.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::site::crowd::{Crowd, Questions};
use super::site::{Outcome, Setup, Site, eventually};

const NEWER: &str = "99.0.0";
const OLDER: &str = env!("CARGO_PKG_VERSION");
const CUTS: u32 = 12;

fn newer() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_inkstand")).with_file_name("newer");
    let built = built.join("inkstand");
    assert!(built.exists(), "build the later version first: tests/newer");
    built
}

/// Somebody who publishes releases.
struct Publisher {
    folder: tempfile::TempDir,
}

impl Publisher {
    fn new() -> Self {
        let publisher = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for key in ["one", "two", "stranger"] {
            Self::run(&["keygen", &publisher.path(key)]).ok();
        }
        let (one, two) = (publisher.path("one.pub"), publisher.path("two.pub"));
        let root = [
            "--version",
            "1",
            "--threshold",
            "2",
            "--trust",
            &one,
            "--trust",
            &two,
        ];
        Publisher::run(&[&["root", &publisher.path("trusted")], &root[..]].concat()).ok();
        publisher
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(words: &[&str]) -> Outcome {
        Setup::new().inkstand(&[&["release"], words].concat())
    }

    /// Publishes the later version, signed by these.
    fn publish(&self, counter: &str, keys: &[&str], more: &[&str]) {
        let (to, program) = (self.path("releases"), newer());
        let program = program.to_str().unwrap();
        let mut words = vec!["publish", &to, "--program", program, "--version", NEWER];
        words.extend(["--counter", counter]);
        words.extend(more);
        let keys: Vec<String> = keys.iter().map(|key| self.path(key)).collect();
        for key in &keys {
            words.extend(["--key", key]);
        }
        Self::run(&words).ok();
    }

    /// Options of a site that takes its releases.
    fn taken(&self, from: &str) -> [String; 6] {
        let root = self.path("trusted/roots/1.json");
        [
            "--set".to_owned(),
            format!("update.url={from}"),
            "--set".to_owned(),
            format!("update.root={root}"),
            "--set".to_owned(),
            "update.trial_seconds=2".to_owned(),
        ]
    }

    fn site(&self, fault: &str) -> Setup {
        let options = self.taken(&self.path("releases"));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        Setup::new()
            .args(&options)
            .args(&["--set", "launcher.ready_seconds=3"])
            .env("FAULT", Path::new(fault))
    }

    fn update(&self, setup: &Setup, more: &[&str]) -> Outcome {
        let options = self.taken(&self.path("releases"));
        let options = options.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once("update")
            .chain(more.iter().copied())
            .collect();
        setup.inkstand(&words.into_iter().chain(options).collect::<Vec<_>>())
    }
}

fn status(site: &Site) -> Value {
    serde_json::from_str(&site.inkstand(&["status", "--json"]).ok()).unwrap()
}

fn serving(site: &Site) -> Option<String> {
    let status = status(site);
    let mut servers = status["servers"].as_array().unwrap().iter();
    let serving = servers.find(|server| server["stage"] == "serving");
    serving.map(|server| server["version"].as_str().unwrap().to_owned())
}

fn choice(site: &Site) -> Value {
    let text = fs::read(site.data_dir().join("versions/choice.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn with_a_post(site: &Site) {
    let post = json!({ "title": "Still here", "status": "published", "markdown": "As ever." });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
}

#[test]
fn a_later_version_takes_over_under_load_and_proves_itself() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    let hook = publisher.path("hook");
    let script = format!("#!/bin/sh\necho \"$1\" >{}\n", publisher.path("hooked"));
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
    let hook = format!("update.hook={hook}");
    let site = publisher.site("").args(&["--set", &hook]).start();
    with_a_post(&site);
    let crowd = Crowd::gather(&Questions {
        address: site.address(),
        token: site.token().to_owned(),
        page: ("/still-here".to_owned(), "As ever.".to_owned()),
        file: ("/favicon.ico".to_owned(), 100),
    });
    let said = publisher.update(&site.setup(), &[]).ok();
    for line in [
        "99.0.0 is there",
        "what it says it is",
        "works on a copy of the database",
        "99.0.0 serves",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(serving(&site).as_deref(), Some(NEWER));
    let launcher = status(&site)["pid"].clone();
    eventually(
        "it is trusted, and its launcher takes over in the same process",
        || {
            let status = status(&site);
            let is_new = status["version"] == NEWER && status["pid"] == launcher;
            (is_new && choice(&site)["trial"].is_null()).then_some(())
        },
    );
    let again = publisher.update(&site.setup(), &[]);
    assert!(
        again.stderr.contains("99.0.0 is what runs here"),
        "{}",
        again.stderr
    );

    // The earlier version reads and writes what the later one has migrated.
    site.inkstand(&["rollback"]).ok();
    assert_eq!(serving(&site).as_deref(), Some(OLDER));
    let hooked = publisher.path("hooked");
    let told = eventually("the hook is run", || {
        fs::read_to_string(&hooked)
            .ok()
            .filter(|told| !told.is_empty())
    });
    assert_eq!(told.trim(), NEWER);
    let post = json!({ "title": "Written after", "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    eventually("the earlier launcher is back, too", || {
        (status(&site)["version"] == OLDER && status(&site)["pid"] == launcher).then_some(())
    });
    let refused = publisher.update(&site.setup(), &[]);
    assert!(refused.stderr.contains("rolled back"), "{}", refused.stderr);
    publisher.update(&site.setup(), &["--to", NEWER]).ok();
    assert_eq!(serving(&site).as_deref(), Some(NEWER));
    let tally = crowd.leave();
    assert!(tally.faults.is_empty(), "{:?}", tally.faults);
    assert!(tally.answers > 100);
    site.anyone().get("/still-here").expect(200);
    site.anyone().get("/written-after").expect(200);
}

#[test]
fn a_version_that_does_not_get_ready_never_serves() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    for (fault, why) in [
        ("crash", "it ended with code 9"),
        ("hang", "it was ended by SIGKILL"),
        ("migration", "does not work on a copy of the database"),
    ] {
        let site = publisher.site(fault).start();
        let said = publisher.update(&site.setup(), &[]);
        assert_eq!(said.code, 1, "{fault}: {}", said.stdout);
        assert!(said.stderr.contains(why), "{fault}: {}", said.stderr);
        assert_eq!(serving(&site).as_deref(), Some(OLDER), "{fault}");
        let choice = choice(&site);
        assert!(choice["current"].is_null(), "{fault}: {choice}");
        if fault != "migration" {
            assert_eq!(choice["bad"], json!([NEWER]), "{fault}");
            let again = publisher.update(&site.setup(), &[]);
            assert!(
                again.stderr.contains("rolled back"),
                "{fault}: {}",
                again.stderr
            );
        }
        with_a_post(&site);
    }
}

#[test]
fn a_version_that_fails_later_is_taken_back_by_itself() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    for fault in ["crash-later", "probe"] {
        let setup = publisher.site(fault);
        let setup = setup.args(&["--set", "update.trial_seconds=600"]);
        let site = setup.start();
        with_a_post(&site);
        publisher.update(&site.setup(), &[]).ok();
        eventually("the version before is back", || {
            (serving(&site).as_deref() == Some(OLDER)).then_some(())
        });
        assert_eq!(choice(&site)["bad"], json!([NEWER]), "{fault}");
        site.anyone().get("/still-here").expect(200);
        assert!(site.log().contains("crashed"), "{}", site.log());
    }
}

#[test]
fn whenever_the_plug_is_pulled_the_site_comes_back() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    let mut setup = publisher.site("");
    let site = setup.start();
    with_a_post(&site);
    site.stop();
    for cut in 0..CUTS {
        let site = setup.start();
        let (publishing, own) = (&publisher, site.setup());
        std::thread::scope(|scope| {
            let update = scope.spawn(move || {
                let mut words = vec!["update".to_owned(), "--to".to_owned(), NEWER.to_owned()];
                words.extend(publishing.taken(&publishing.path("releases")));
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                own.killed_after(&words, Duration::from_millis(u64::from(cut) * 150));
            });
            update.join().unwrap();
        });
        site.kill();
        let site = setup.start();
        site.anyone().get("/still-here").expect(200);
        let version = serving(&site).unwrap();
        assert!([OLDER, NEWER].contains(&version.as_str()), "{version}");
        setup = site.setup();
        site.kill();
        let _ = fs::remove_file(setup.data_dir().join("versions/choice.json"));
    }
}

#[test]
fn releases_nobody_should_take_are_refused() {
    let publisher = Publisher::new();
    let site = publisher.site("").start();
    let refused = |why: &str| {
        let said = publisher.update(&site.setup(), &[]);
        assert_ne!(said.code, 0, "{why}: {}", said.stdout);
        assert!(said.stderr.contains(why), "{why}: {}", said.stderr);
        assert_eq!(serving(&site).as_deref(), Some(OLDER));
        assert!(choice(&site)["current"].is_null());
    };
    refused("there is no stable.json");
    publisher.publish("5", &["one"], &[]);
    refused("1 of the keys");
    publisher.publish("5", &["one", "stranger"], &[]);
    refused("1 of the keys");
    publisher.publish("5", &["one", "two"], &["--days", "0"]);
    refused("ended on");
    publisher.publish("5", &["one", "two"], &["--halt", NEWER]);
    refused("called back");
    publisher.publish("5", &["one", "two"], &["--rollout", "0"]);
    refused("0 of 100 sites");
    publisher.publish("5", &["one", "two"], &["--minimum-from", "50.0.0"]);
    refused("needs 50.0.0 first");
    publisher.publish("5", &["one", "two"], &[]);
    let manifest = PathBuf::from(publisher.path("releases/stable.json"));
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"counter\": 5", "\"counter\": 6")).unwrap();
    refused("0 of the keys");
    fs::write(&manifest, &text).unwrap();
    let kind = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let program = publisher.path(&format!("releases/programs/{NEWER}/{kind}/inkstand"));
    let bytes = fs::read(&program).unwrap();
    fs::write(&program, &bytes[..bytes.len() / 2]).unwrap();
    refused("cut off");
    fs::write(&program, [&bytes[..], b"x"].concat()).unwrap();
    refused("longer than");
    let mut other = bytes.clone();
    other[1000] ^= 1;
    fs::write(&program, &other).unwrap();
    refused("its hash is another");
    let verify = ["verify", &publisher.path("releases"), "--root"];
    let said = Publisher::run(&[&verify[..], &[&publisher.path("trusted/roots/1.json")]].concat());
    assert!(
        said.stderr.contains("its hash is another"),
        "{}",
        said.stderr
    );
    fs::write(&program, &bytes).unwrap();
    Publisher::run(&[&verify[..], &[&publisher.path("trusted/roots/1.json")]].concat()).ok();

    // The keys change: the site follows, because the old and the new ones want it.
    let (one, two, stranger) = (
        publisher.path("one.pub"),
        publisher.path("two.pub"),
        publisher.path("stranger.pub"),
    );
    let root = [
        "root",
        &publisher.path("releases"),
        "--version",
        "2",
        "--threshold",
        "2",
    ];
    let trust = ["--trust", &one, "--trust", &two, "--trust", &stranger];
    let keys = [publisher.path("one"), publisher.path("two")];
    Publisher::run(&[&root[..], &trust, &["--key", &keys[0]]].concat()).ok();
    refused("1 of the keys");
    let new = publisher.path("releases/roots/2.json");
    Publisher::run(&["sign", &new, "--root", "--key", &keys[1]]).ok();
    publisher.publish("5", &["one", "stranger"], &[]);

    // Taken at last; then what was put into its place by hand does not run.
    publisher.update(&site.setup(), &[]).ok();
    assert_eq!(serving(&site).as_deref(), Some(NEWER));
    let slot = site.data_dir().join(format!("versions/{NEWER}/inkstand"));
    fs::remove_file(&slot).unwrap();
    fs::copy("/bin/false", &slot).unwrap();
    site.inkstand(&["reload"]).ok();
    assert_eq!(serving(&site).as_deref(), Some(OLDER));
    assert!(site.log().contains("the program runs as it was installed"));
    publisher.publish("4", &["one", "two"], &[]);
    let said = publisher.update(&site.setup(), &[]);
    assert!(
        said.stderr.contains("somebody shows an old one"),
        "{}",
        said.stderr
    );
}

#[test]
fn releases_come_over_the_web_and_do_not_go_on_for_ever() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = publisher.path("releases");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
            match fs::read(format!("{folder}{path}")) {
                Ok(bytes) if path.starts_with("/programs/") => {
                    // No length, and more than was announced.
                    let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n");
                    let _ = stream.write_all(&bytes);
                    while stream.write_all(&[0; 16_000]).is_ok() {}
                }
                Ok(bytes) => {
                    let head =
                        format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
                    let _ = stream.write_all(head.as_bytes());
                    let _ = stream.write_all(&bytes);
                }
                Err(_) => {
                    let _ =
                        stream.write_all(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                }
            }
        }
    });
    let setup = Setup::new();
    fs::create_dir_all(setup.data_dir()).unwrap();
    let options = publisher.taken(&url);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let check = setup
        .inkstand(&[&["update", "--check"], &options[..]].concat())
        .ok();
    assert!(check.contains("99.0.0 is there; 0.1.0 runs"), "{check}");
    let said = setup.inkstand(&[&["update"], &options[..]].concat());
    assert!(said.stderr.contains("longer than"), "{}", said.stderr);
}

#[test]
fn a_site_that_wants_to_takes_a_later_version_by_itself() {
    let publisher = Publisher::new();
    publisher.publish("1", &["one", "two"], &[]);
    let more = [
        "--set",
        "update.mode=auto",
        "--set",
        "update.poll_seconds=1",
    ];
    let site = publisher.site("").args(&more).start();
    eventually("the later version serves", || {
        (serving(&site).as_deref() == Some(NEWER)).then_some(())
    });
    eventually("it is trusted", || {
        choice(&site)["trial"].is_null().then_some(())
    });
    with_a_post(&site);
}

#[test]
fn the_owner_is_told_of_a_later_version_and_takes_it_with_a_button() {
    let publisher = Publisher::new();
    let notes = publisher.path("notes");
    fs::write(&notes, "Better <b>ink</b>.").unwrap();
    publisher.publish("1", &["one", "two"], &["--notes", &notes]);
    let site = publisher
        .site("")
        .args(&["--set", "update.poll_seconds=1"])
        .start();
    site.token();
    let form = "email=owner%40example.org&password=a+password+of+the+owner";
    let own = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let entered = site
        .anyone()
        .send("POST", "/sign-in", &own, Some(form.as_bytes()));
    let cookie = entered.expect(303);
    let cookie = cookie
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let signed_in = ("cookie", &*cookie);
    let page = || {
        site.anyone()
            .send("GET", "/admin/system", &[signed_in], None)
            .expect(200)
            .body
    };
    let told = eventually("the page tells of it", || {
        Some(page()).filter(|page| page.contains("99.0.0 is there"))
    });
    assert!(told.contains("Better &lt;b&gt;ink"), "{told}");
    assert!(told.contains("Inkstand 0.1.0 answers"));
    assert_eq!(site.anyone().get("/admin/system").status, 303);
    let headers = [own[0], own[1], signed_in];
    let foreign = [own[0], ("sec-fetch-site", "cross-site"), signed_in];
    let order = |headers: &[(&str, &str)]| {
        let body = Some(&b"what=take"[..]);
        site.anyone()
            .send("POST", "/admin/system", headers, body)
            .status
    };
    assert_eq!(order(&foreign), 403);
    assert_eq!(order(&headers), 303);
    eventually("the later version answers", || {
        page().contains("Inkstand 99.0.0 answers").then_some(())
    });
}
