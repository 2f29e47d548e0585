//! The life of posts as authors and readers see it, the same on both engines.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::postgres_server::Postgres;
use super::site::{Answer, Browser, Setup, Site, eventually};

/// What a journey needs besides the site: a look behind the scenes, where no address leads.
struct Journey<'a> {
    site: &'a Site,
    owner: Browser,
    count: &'a dyn Fn(&str) -> i64,
}

#[test]
fn on_sqlite() {
    let site = Site::start();
    site.token();
    let path = site.data_dir().join("inkstand.db");
    let database = rusqlite::Connection::open(path).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get(0)).unwrap();
    travel(&site, &count);
    assert_eq!(site.stop(), 0);
}

#[test]
fn on_postgres() {
    let server = Postgres::start();
    let url = server.create_database("journey");
    let site = Setup::new().database(url.clone()).start();
    site.token();
    let client = RefCell::new(postgres::Client::connect(&url, postgres::NoTls).unwrap());
    let count = |sql: &str| client.borrow_mut().query_one(sql, &[]).unwrap().get(0);
    travel(&site, &count);
    assert_eq!(site.stop(), 0);
}

fn travel(site: &Site, count: &dyn Fn(&str) -> i64) {
    let journey = Journey {
        site,
        owner: site.owner(),
        count,
    };
    journey.a_draft_is_published_and_found();
    journey.a_change_shows_at_once();
    journey.a_moved_post_leads_to_its_new_address();
    journey.an_unpublished_post_is_gone_at_once();
    journey.a_scheduled_post_comes_out_by_itself();
    journey.what_is_not_public_shows_nowhere();
    journey.the_trash_gives_back_and_takes_for_good();
    journey.revisions_are_kept();
    journey.nul_bytes_do_no_harm();
}

impl Journey<'_> {
    fn create(&self, form: &Value) -> Value {
        self.owner
            .ask("POST", "/api/v1/posts", form)
            .expect(201)
            .json()
    }

    fn published(&self, title: &str, markdown: &str) -> Value {
        self.create(&json!({ "title": title, "markdown": markdown, "status": "published" }))
    }

    fn act(&self, post: &Value, verb: &str) -> Answer {
        self.owner
            .post(&format!("/api/v1/posts/{}/{verb}", post["id"]))
    }

    fn update(&self, post: &Value, form: &Value) -> Answer {
        let path = format!("/api/v1/posts/{}", post["id"]);
        self.owner.ask("PATCH", &path, form)
    }

    fn read(&self, path: &str) -> Answer {
        self.site.anyone().get(path)
    }

    fn hits(&self, word: &str) -> usize {
        let path = format!("/api/v1/search?q={word}");
        let found = self.read(&path).expect(200).json();
        found["items"].as_array().map_or(0, Vec::len)
    }

    fn hits_on_page(&self, word: &str) -> usize {
        let page = self.read(&format!("/search?q={word}")).expect(200).body;
        page.matches("<article class=\"teaser ").count()
    }

    fn await_hit(&self, word: &str) {
        eventually("the search finds it", || {
            (self.hits(word) == 1).then_some(())
        });
        assert_eq!(self.hits_on_page(word), 1);
    }

    fn home_has(&self, title: &str) -> bool {
        self.read("/").expect(200).body.contains(title)
    }

    fn a_draft_is_published_and_found(&self) {
        let form =
            json!({ "title": "Of Gulls", "markdown": "They *gullible* cry.", "tags": ["Birds"] });
        let post = self.create(&form);
        assert_eq!(post["status"], "draft");
        self.read("/of-gulls").expect(404);
        assert!(!self.home_has("Of Gulls"));

        let published = self.act(&post, "publish").expect(200).json();
        assert_eq!(published["status"], "published");
        let page = self.read("/of-gulls").expect(200);
        assert!(page.body.contains("<em>gullible</em>"), "{}", page.body);
        assert!(page.body.contains("Birds"));
        assert!(self.home_has("Of Gulls"));
        self.await_hit("gullible");
        self.await_hit("tag:birds");
        // Publishing twice is no mistake and makes no second post.
        self.act(&post, "publish").expect(200);
        assert_eq!(self.hits("gullible"), 1);
    }

    fn a_change_shows_at_once(&self) {
        let post = self.published("Of Change", "first edition");
        let first = self.read("/of-change").expect(200);
        let etag = first.header("etag").expect("an ETag").to_owned();
        let ask = |etag: &str| {
            let known = [("if-none-match", etag)];
            self.site.anyone().send("GET", "/of-change", &known, None)
        };
        assert!(ask(&etag).expect(304).body.is_empty());

        self.update(&post, &json!({ "markdown": "second edition" }))
            .expect(200);
        let second = ask(&etag).expect(200);
        assert!(second.body.contains("second edition"), "{}", second.body);
        let newer = second.header("etag").expect("an ETag");
        assert_ne!(newer, etag);
        ask(newer).expect(304);

        let stale = json!({ "version": post["version"], "markdown": "from an old tab" });
        let conflict = self.update(&post, &stale).expect(409).json();
        assert_eq!(conflict["code"], "conflict");
        assert!(self.read("/of-change").body.contains("second edition"));
    }

    fn a_moved_post_leads_to_its_new_address(&self) {
        let post = self.published("Of Moving", "boxes");
        self.read("/of-moving").expect(200);
        self.update(&post, &json!({ "slug": "moved-house" }))
            .expect(200);
        let moved = self.read("/of-moving").expect(301);
        assert_eq!(moved.header("location"), Some("/moved-house"));
        assert!(self.read("/moved-house").expect(200).body.contains("boxes"));
        // Back again: a loop would be easy to make here.
        self.update(&post, &json!({ "slug": "of-moving" }))
            .expect(200);
        self.read("/of-moving").expect(200);
        let back = self.read("/moved-house").expect(301);
        assert_eq!(back.header("location"), Some("/of-moving"));
        // A taken address is not taken away, but numbered.
        let second = self.published("Of Moving", "more boxes");
        assert_eq!(second["slug"], "of-moving-2");
    }

    fn an_unpublished_post_is_gone_at_once(&self) {
        let post = self.published("Of Vanishing", "vanishable words");
        self.await_hit("vanishable");
        self.read("/of-vanishing").expect(200);
        let draft = self.act(&post, "unpublish").expect(200).json();
        assert_eq!(draft["status"], "draft");
        assert_eq!(self.hits("vanishable"), 0, "the very next question");
        assert_eq!(self.hits_on_page("vanishable"), 0);
        self.read("/of-vanishing").expect(404);
        assert!(!self.home_has("Of Vanishing"));
        // The words are not lost: its author has them.
        let path = format!("/api/v1/posts/{}", post["id"]);
        let kept = self.owner.get(&path).expect(200).json();
        assert_eq!(kept["markdown"], "vanishable words");
    }

    fn a_scheduled_post_comes_out_by_itself(&self) {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(2500);
        let form = json!({
            "title": "Of Patience", "markdown": "patiently waited",
            "status": "scheduled", "publish_at": at.to_string(),
        });
        let post = self.create(&form);
        assert_eq!(post["status"], "scheduled");
        let early = self.read("/of-patience").status;
        let asked_in_time = jiff::Timestamp::now() < at;
        assert!(
            early == 404 || !asked_in_time,
            "it came out before its time"
        );
        eventually("a scheduled post comes out", || {
            (self.read("/of-patience").status == 200).then_some(())
        });
        assert!(jiff::Timestamp::now() >= at, "it came out before its time");
        assert!(self.home_has("Of Patience"));
        self.await_hit("patiently");
    }

    fn what_is_not_public_shows_nowhere(&self) {
        let far = "2099-01-01T00:00:00Z";
        let hidden = [
            json!({ "title": "Secret draft", "markdown": "hushword" }),
            json!({ "title": "Secret later", "markdown": "hushword", "status": "scheduled", "publish_at": far }),
            json!({ "title": "Secret private", "markdown": "hushword", "status": "private" }),
            json!({ "title": "Secret unlisted", "markdown": "hushword", "status": "unlisted" }),
        ];
        let mut made: Vec<Value> = hidden.iter().map(|form| self.create(form)).collect();
        let binned = self.published("Secret trashed", "hushword");
        self.act(&binned, "trash").expect(200);
        made.push(binned);
        // When this one is found, the index has seen all that came before it.
        self.published("Of Order", "openword");
        self.await_hit("openword");
        assert_eq!(self.hits("hushword"), 0);
        assert_eq!(self.hits_on_page("hushword"), 0);
        assert_eq!(self.hits("secret"), 0);
        assert!(!self.home_has("Secret"));
        for post in &made {
            let slug = post["slug"].as_str().expect("a slug");
            let page = self.read(&format!("/{slug}"));
            if post["status"] == "unlisted" {
                assert!(page.expect(200).body.contains("noindex"));
            } else {
                // What was public once is gone, and says so.
                let status = if post["status"] == "published" {
                    410
                } else {
                    404
                };
                assert!(!page.expect(status).body.contains("hushword"));
            }
            let told = self.read(&format!("/api/v1/posts/{}", post["id"]));
            assert!(!told.expect(404).body.contains("hushword"));
            // The neighbours do not give it away either.
            assert!(!self.read("/of-order").expect(200).body.contains("Secret"));
        }
        let refused = self.read("/api/v1/posts?status=draft").expect(401);
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json")
        );
        let listed = self.read("/api/v1/posts?limit=100").expect(200);
        assert!(!listed.body.contains("Secret"), "{}", listed.body);
    }

    fn the_trash_gives_back_and_takes_for_good(&self) {
        let post = self.published("Of Bins", "binnable");
        let path = format!("/api/v1/posts/{}", post["id"]);
        let too_soon = self
            .owner
            .send("DELETE", &path, &[], None)
            .expect(409)
            .json();
        assert!(
            too_soon["detail"]
                .as_str()
                .is_some_and(|text| text.contains("trash")),
            "{too_soon}"
        );
        self.read("/of-bins").expect(200);
        self.act(&post, "trash").expect(200);
        self.read("/of-bins").expect(410);
        assert_eq!(
            self.act(&post, "restore").expect(200).json()["status"],
            "draft"
        );
        self.read("/of-bins").expect(404);
        self.act(&post, "restore").expect(409);
        self.act(&post, "publish").expect(200);
        self.read("/of-bins").expect(200);
        self.act(&post, "trash").expect(200);
        self.owner.send("DELETE", &path, &[], None).expect(204);
        self.owner.get(&path).expect(404);
        self.owner.send("DELETE", &path, &[], None).expect(404);
        self.read("/of-bins").expect(404);
        for table in ["revisions", "renditions", "post_authors", "post_tags"] {
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE post_id = {}",
                post["id"]
            );
            assert_eq!((self.count)(&sql), 0, "{table} remembers a deleted post");
        }
    }

    fn revisions_are_kept(&self) {
        let post = self.published("Of Drafts", "one");
        for text in ["two", "three"] {
            self.update(&post, &json!({ "markdown": text })).expect(200);
        }
        let of_post = format!("FROM revisions WHERE post_id = {}", post["id"]);
        assert_eq!((self.count)(&format!("SELECT count(*) {of_post}")), 3);
        let with = format!("SELECT count(*) {of_post} AND content LIKE '%\"markdown\":\"two\"%'");
        assert_eq!(
            (self.count)(&with),
            1,
            "what was overwritten can be read again"
        );
        // Saving what is there already makes none.
        self.update(&post, &json!({ "markdown": "three" }))
            .expect(200);
        assert_eq!((self.count)(&format!("SELECT count(*) {of_post}")), 3);
    }

    /// Neither engine can keep them in a text, and one of them fails on them.
    fn nul_bytes_do_no_harm(&self) {
        for field in [
            "title",
            "slug",
            "markdown",
            "excerpt",
            "language",
            "canonical_url",
            "meta_title",
            "meta_description",
            "code_head",
            "code_foot",
        ] {
            let mut form = json!({ "title": "Of Nothing", "status": "published" });
            form[field] = json!("a\0b");
            let answer = self.owner.ask("POST", "/api/v1/posts", &form);
            assert!(matches!(answer.status, 201 | 422), "{field}: {answer:?}");
        }
        let form = json!({ "title": "Of Nothing", "tags": ["a\0b"] });
        let answer = self.owner.ask("POST", "/api/v1/posts", &form);
        assert!(matches!(answer.status, 201 | 422), "tags: {answer:?}");
        self.read("/a%00b").expect(404);
        self.read("/search?q=a%00b+tag:%00+author:%00x").expect(200);
        self.read("/api/v1/search?q=%00").expect(200);
    }
}
