//! A disk that is full, and directories that cannot be written: a clear word, reading goes on, and
//! nothing that was acknowledged is lost.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::site::{Setup, eventually};

const DISK_SIZE: &str = "size=12m";
const NOBODY: &[&str] = &[
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--",
];

/// A small disk of its own, for as long as this lives.
pub(super) struct Disk {
    pub(super) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// `None` where this user may not mount one.
    pub(super) fn mount() -> Option<Self> {
        let folder = tempfile::Builder::new()
            .prefix("inkstand-disk-")
            .tempdir()
            .unwrap();
        let path = folder.path().join("disk");
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", DISK_SIZE, "tmpfs"])
            .arg(&path);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self {
            path,
            _folder: folder,
        })
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let filler = self.path.join("filler");
        let mut file = File::create(&filler).unwrap();
        for size in [64 * 1024, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        filler
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[test]
fn a_full_disk_refuses_writes_and_nothing_else() {
    let Some(disk) = Disk::mount() else {
        assert!(!is_root(), "root may not mount a tmpfs here");
        eprintln!("skipped: only root can make a disk that is small enough to fill");
        return;
    };
    let setup = Setup::new().data_in(&disk.path.join("data"));
    let token = setup.make_owner();
    let site = setup.start().with_token(&token);
    let owner = site.owner();
    // Incompressible to the eye, a few pages each, so that the log has to grow.
    let form = |number: usize| {
        let text = format!("words of number {number} ").repeat(1500);
        json!({ "title": format!("Full {number}"), "markdown": text, "status": "published" })
    };
    let mut kept = 0;
    for _ in 0..3 {
        owner.ask("POST", "/api/v1/posts", &form(kept)).expect(201);
        kept += 1;
    }
    let filler = disk.fill();
    let refused = eventually("a full disk is noticed", || {
        let answer = owner.ask("POST", "/api/v1/posts", &form(kept));
        kept += usize::from(answer.status == 201);
        (answer.status != 201).then_some(answer)
    });
    assert_eq!(refused.status, 503, "{}", refused.body);
    let problem = refused.json();
    assert_eq!(problem["code"], "unavailable");
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("disk is full") && detail.contains("nothing was changed"),
        "{detail}"
    );
    assert!(refused.header("retry-after").is_some());

    // Reading goes on: pages that were never made before, the API, the search, the health check.
    let lost = site.anyone().get(&format!("/full-{kept}"));
    assert_eq!(lost.status, 404, "a refused post is not half there");
    for number in 0..kept {
        site.anyone().get(&format!("/full-{number}")).expect(200);
    }
    owner.get("/api/v1/posts").expect(200);
    site.anyone().get("/search?q=words").expect(200);
    site.anyone().get("/livez").expect(200);

    fs::remove_file(filler).unwrap();
    owner.ask("POST", "/api/v1/posts", &form(kept)).expect(201);
    kept += 1;
    site.kill();
    let site = setup.start();
    for number in 0..kept {
        let page = site.anyone().get(&format!("/full-{number}")).expect(200);
        assert!(page.body.contains(&format!("words of number {number} ")));
    }
    eventually("the search has caught up", || {
        let found = site
            .anyone()
            .get("/api/v1/search?q=words")
            .expect(200)
            .json();
        (found["total"] == kept).then_some(())
    });
}

/// A setup whose program may do no more than nobody may, so that permissions mean something.
fn as_nobody(setup: Setup) -> Setup {
    if is_root() {
        setup.run_by(NOBODY)
    } else {
        setup
    }
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    permit(folder.path(), 0o555);
    let setup = as_nobody(Setup::new()).data_in(&folder.path().join("data"));
    let outcome = setup.refuse();
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    let path = setup.data_dir().display().to_string();
    assert!(outcome.stderr.contains(&path), "{}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("give it to the user that runs Inkstand"),
        "{}",
        outcome.stderr
    );
    permit(folder.path(), 0o755);
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    permit(folder.path(), 0o555);
    let setup = as_nobody(Setup::new()).data_in(folder.path());
    let outcome = setup.refuse();
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    let path = folder.path().display().to_string();
    assert!(outcome.stderr.contains(&path), "{}", outcome.stderr);
    permit(folder.path(), 0o755);
}
