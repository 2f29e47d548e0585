//! Starting and stopping the program, and the ways it refuses to start.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::site::{Setup, Site};

#[test]
fn it_starts_empty_serves_and_stops() {
    let site = Site::start();
    let home = site.anyone().get("/").expect(200);
    assert!(home.body.contains("Nothing has been published yet"));
    let made = std::fs::metadata(site.data_dir()).unwrap();
    assert_eq!(
        made.permissions().mode() & 0o777,
        0o700,
        "others look into it"
    );
    assert_eq!(site.stop(), 0);
}

#[test]
fn a_new_site_prints_its_link_once_while_it_is_good() {
    let link = |site: &Site| {
        let said = site.log();
        let link = said.lines().find(|line| line.contains("/setup/"));
        link.map(|line| line[line.find("/setup/").unwrap()..].trim().to_owned())
    };
    let site = Site::start();
    let first = link(&site).expect("a link");
    site.anyone().get(&first).expect(200);
    let setup = site.setup();
    assert_eq!(site.stop(), 0);
    let site = setup.start();
    assert_eq!(link(&site), None, "only its hash is kept");
    assert!(site.log().contains("is still good"), "{}", site.log());
    site.anyone().get(&first).expect(200);
    site.sql("UPDATE invitations SET expires_at = created_at");
    site.anyone().get(&first).expect(404);
    assert_eq!(site.stop(), 0);
    let site = setup.start();
    assert_ne!(link(&site).expect("another link"), first);
    // Once somebody owns the site, nothing is said.
    site.token();
    assert_eq!(site.stop(), 0);
    let site = setup.start();
    assert_eq!(link(&site), None);
    assert!(!site.log().contains("Nobody owns"), "{}", site.log());
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let site = Site::start();
    let post = json!({ "title": "Kept", "markdown": "in ink", "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let setup = site.setup();
    assert_eq!(site.stop(), 0);
    let page = setup.start().anyone().get("/kept").expect(200);
    assert!(page.body.contains("in ink"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = Setup::new().inkstand(&["serve", "--listen", &address]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    let complaint = format!("{address} cannot be listened on");
    assert!(outcome.stderr.contains(&complaint), "{}", outcome.stderr);
}

#[test]
fn a_second_server_on_the_same_port_says_why_it_cannot_start() {
    let first = Site::start();
    let address = first.address().to_string();
    let outcome = first.inkstand(&["serve", "--listen", &address]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("is something else using it?"),
        "{}",
        outcome.stderr
    );
    // The first is not impressed.
    first.anyone().get("/").expect(200);
}
