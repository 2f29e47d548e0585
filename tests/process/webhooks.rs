//! Nothing that happened is kept from a webhook, whenever the process dies; and of several servers one tells.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::postgres_server::Postgres;
use super::receiver::Receiver;
use super::site::{Setup, Site, eventually};

const NEIGHBOURLY: [&str; 2] = ["--set", "outbound.allow=127.0.0.0/8"];
const KILLS: usize = 8;
const POSTS_PER_LIFE: usize = 5;
const POSTS_PER_SERVER: usize = 20;

fn add(site: &Site, receiver: &Receiver) {
    let form = json!({ "url": receiver.url("/"), "events": ["post.published"] });
    site.owner()
        .ask("POST", "/api/v1/webhooks", &form)
        .expect(201);
}

fn publish(site: &Site, title: &str) {
    let form = json!({ "title": title, "markdown": "Words.", "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
}

/// How often each title was told, by the numbers of the deliveries.
fn told(receiver: &Receiver) -> BTreeMap<String, Vec<String>> {
    let mut told = BTreeMap::<String, Vec<String>>::new();
    for one in receiver.told() {
        let title = one.json()["data"]["title"].as_str().unwrap().to_owned();
        told.entry(title).or_default().push(one.id().to_owned());
    }
    told
}

#[test]
fn what_was_published_is_told_whenever_the_server_is_killed() {
    let setup = Setup::new().args(&NEIGHBOURLY);
    let token = setup.make_owner();
    let receiver = Receiver::start();
    let mut titles = Vec::new();
    for life in 0..KILLS {
        let site = setup.start().with_token(&token);
        if life == 0 {
            add(&site, &receiver);
        }
        for number in 0..POSTS_PER_LIFE {
            let title = format!("Life {life}, post {number}");
            publish(&site, &title);
            titles.push(title);
        }
        // At another point of following and sending each time.
        std::thread::sleep(Duration::from_millis(7 * life as u64));
        site.kill();
    }
    // The lease of the last that was killed has to run out. No test waits for that.
    let database = setup.data_dir().join("inkstand.db");
    let open = |flags| Connection::open_with_flags(&database, flags).unwrap();
    let writing = open(OpenFlags::SQLITE_OPEN_READ_WRITE);
    writing.execute("DELETE FROM leases", []).unwrap();
    drop(writing);
    let site = setup.start().with_token(&token);
    eventually("all is told", || {
        let told = told(&receiver);
        titles
            .iter()
            .all(|title| told.contains_key(title))
            .then_some(())
    });
    // One that was cut off came again, under the same number; none was made twice.
    for (title, ids) in told(&receiver) {
        assert!(ids.iter().all(|id| *id == ids[0]), "{title}: {ids:?}");
    }
    let reading = open(OpenFlags::SQLITE_OPEN_READ_ONLY);
    eventually("all is written down", || {
        let sql = "SELECT count(*), count(delivered_at) FROM webhook_deliveries";
        let counts: (i64, i64) = reading
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let all = i64::try_from(titles.len()).unwrap();
        (counts == (all, all)).then_some(())
    });
    drop(site);
}

#[test]
fn of_two_servers_one_tells() {
    let server = Postgres::start();
    let url = server.create_database("hooks");
    let setup = Setup::new().args(&NEIGHBOURLY).database(url.clone());
    let one = setup.start();
    let receiver = Receiver::start();
    add(&one, &receiver);
    let two = Setup::new().args(&NEIGHBOURLY).database(url);
    let two = two.start().with_token(one.token());
    std::thread::scope(|scope| {
        for site in [&one, &two] {
            scope.spawn(move || {
                for number in 0..POSTS_PER_SERVER {
                    publish(site, &format!("At {}: post {number}", site.address()));
                }
            });
        }
    });
    let all = 2 * POSTS_PER_SERVER;
    eventually("all is told", || {
        (told(&receiver).len() == all).then_some(())
    });
    // Who stops gives up the right to tell, and the other goes on at once.
    assert_eq!(one.stop(), 0);
    publish(&two, "The last");
    eventually("the last is told", || {
        told(&receiver).contains_key("The last").then_some(())
    });
    assert_eq!(two.stop(), 0);
    for (title, ids) in told(&receiver) {
        assert_eq!(ids.len(), 1, "{title} was told more than once");
    }
}
