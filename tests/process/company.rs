//! Several processes on one site: servers side by side, and commands beside a running server.

use serde_json::json;

use super::postgres_server::Postgres;
use super::site::{Setup, Site, eventually};

#[test]
fn two_servers_on_one_postgres_see_each_others_publications() {
    let server = Postgres::start();
    let url = server.create_database("cluster");
    let one = Setup::new().database(url.clone()).start();
    let two = Setup::new().database(url).start().with_token(one.token());
    for (number, (writer, reader)) in [(&one, &two), (&two, &one), (&one, &two)]
        .into_iter()
        .enumerate()
    {
        // Both have the page in their caches: what is shown next must be made anew.
        let home = reader.anyone().get("/").expect(200);
        writer.anyone().get("/").expect(200);
        let title = format!("News number {number}");
        let form = json!({ "title": title, "markdown": format!("newsword{number}"), "status": "published" });
        writer
            .owner()
            .ask("POST", "/api/v1/posts", &form)
            .expect(201);
        assert!(
            writer.anyone().get("/").body.contains(&title),
            "at once where it was written"
        );
        assert!(!home.body.contains(&title));
        eventually("the other server shows it", || {
            reader
                .anyone()
                .get("/")
                .expect(200)
                .body
                .contains(&title)
                .then_some(())
        });
        eventually("the other server finds it", || {
            let path = format!("/api/v1/search?q=newsword{number}");
            (reader.anyone().get(&path).json()["total"] == 1).then_some(())
        });
    }
    // When one is gone, the other takes over what is done by one at a time.
    one.kill();
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let form = json!({
        "title": "Alone", "markdown": "lonelyword", "status": "scheduled", "publish_at": at.to_string(),
    });
    two.owner().ask("POST", "/api/v1/posts", &form).expect(201);
    eventually("the server that is left publishes what is due", || {
        (two.anyone().get("/alone").status == 200).then_some(())
    });
    assert_eq!(two.stop(), 0);
}

#[test]
fn what_a_command_publishes_shows_on_the_running_site() {
    let site = Site::start();
    let before = site.anyone().get("/").expect(200);
    assert!(before.body.contains("Nothing has been published yet"));
    let said = site
        .inkstand(&["post", "new", "--title", "From the shell", "--publish"])
        .ok();
    assert!(said.trim().ends_with("published /from-the-shell"), "{said}");
    eventually("the site shows it", || {
        site.anyone()
            .get("/")
            .expect(200)
            .body
            .contains("From the shell")
            .then_some(())
    });
    eventually("the search finds it", || {
        (site.anyone().get("/api/v1/search?q=shell").json()["total"] == 1).then_some(())
    });
    site.anyone().get("/from-the-shell").expect(200);
    let id = said.split(' ').next().expect("an id");
    site.inkstand(&["post", "unpublish", id]).ok();
    eventually("the site takes it away", || {
        (site.anyone().get("/from-the-shell").status == 404).then_some(())
    });
}
