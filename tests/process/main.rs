//! Tests of whole processes: ours, and the servers that other tests lean on.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a test is to end it"
)]

mod beginning;
mod checking;
mod command_line;
mod company;
mod disk;
mod doctor;
mod durability;
mod handover;
mod journey;
mod languages;
mod moving;
mod operating;
mod owning;
#[path = "../support/postgres.rs"]
mod postgres_server;
#[path = "../support/receiver.rs"]
mod receiver;
mod search_index;
mod shells;
#[path = "../support/site.rs"]
mod site;
mod stopping;
mod tls;
mod units;
mod updates;
mod webhooks;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use postgres_server::Postgres;

const PATIENCE: Duration = Duration::from_secs(30);
/// Set for the process that is to be killed.
const VICTIM: &str = "INKSTAND_TEST_POSTGRES_VICTIM";

fn directory_of(url: &str) -> PathBuf {
    PathBuf::from(url.split_once("host=").unwrap().1)
}

fn wait_until_gone(directory: &std::path::Path) {
    let deadline = Instant::now() + PATIENCE;
    while directory.exists() {
        assert!(
            Instant::now() < deadline,
            "{} is still there",
            directory.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn postgres_serves_databases_and_leaves_nothing_behind() {
    let server = Postgres::start();
    let directory = directory_of(&server.url());
    let url = server.create_database("of_its_own");
    let mut client = Client::connect(&url, NoTls).unwrap();
    let row = client
        .query_one(
            "SELECT current_database()::text, current_setting('listen_addresses')",
            &[],
        )
        .unwrap();
    assert_eq!(row.get::<_, String>(0), "of_its_own");
    assert_eq!(row.get::<_, String>(1), "", "it listens on the network");
    // A client that is still connected does not keep the server from stopping.
    drop(server);
    assert!(!directory.exists());
    assert!(
        client.simple_query("SELECT 1").is_err(),
        "the server still runs"
    );
}

#[test]
fn postgres_goes_when_a_test_panics() {
    let (send, receive) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let server = Postgres::start();
        send.send(directory_of(&server.url())).unwrap();
        panic!("on purpose");
    });
    let directory = receive.recv().unwrap();
    assert!(panicked.join().is_err());
    assert!(!directory.exists());
}

/// Runs as the child of the next test, which kills it; alone it does nothing.
#[test]
fn postgres_victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let server = Postgres::start();
    println!("\nserving {}", server.url());
    std::thread::sleep(PATIENCE);
}

#[test]
fn postgres_goes_when_the_test_process_is_killed() {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres_victim", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let url = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("serving ").map(str::to_owned))
        .unwrap();
    let mut client = Client::connect(&url, NoTls).unwrap();
    client.simple_query("SELECT 1").unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until_gone(&directory_of(&url));
    assert!(
        client.simple_query("SELECT 1").is_err(),
        "the server still runs"
    );
}
