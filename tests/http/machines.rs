//! What machines are told: feeds, sitemap, robots, texts as they were written. Feeds are read by
//! feedparser, too, the library many readers are built on.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::site::{Setup, Site};

const READ: &str = "import sys, json, feedparser
feed = feedparser.parse(sys.stdin.buffer.read())
json.dump({'bozo': bool(feed.bozo), 'version': feed.version, 'title': feed.feed.title,
    'entries': [[e.id, e.link, e.title, e.content[0].value, e.author] for e in feed.entries]}, sys.stdout)";

fn site_with_posts() -> Site {
    let site = Setup::new().start();
    let owner = site.owner();
    for (title, status) in [
        ("Red & <green>", "published"),
        ("Hidden draft", "draft"),
        ("Kept private", "private"),
    ] {
        let form = json!({
            "title": title, "status": status, "tags": ["Colours"],
            "markdown": "See [about](/about) and a note.[^1]\n\n[^1]: Here.",
        });
        owner.ask("POST", "/api/v1/posts", &form).expect(201);
    }
    site
}

fn base_url(site: &Site) -> String {
    let robots = site.anyone().get("/robots.txt").expect(200).body;
    let line = robots
        .lines()
        .find_map(|line| line.strip_prefix("Sitemap: "));
    line.unwrap().trim_end_matches("/sitemap.xml").to_owned()
}

/// What feedparser makes of a feed. The first Python of a path may be another than the one that
/// Debian's packages belong to.
fn parsed(feed: &str) -> Value {
    let said = ["python3", "/usr/bin/python3"].map(|python| {
        let mut python = Command::new(python)
            .args(["-c", READ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3");
        // One without the library has gone before it reads.
        let _ = python.stdin.take().unwrap().write_all(feed.as_bytes());
        python.wait_with_output().unwrap()
    });
    let read = said.iter().find(|said| said.status.success());
    let read = read.unwrap_or_else(|| panic!("install python3-feedparser: {said:?}"));
    serde_json::from_slice(&read.stdout).unwrap()
}

#[test]
fn feeds_say_the_same_in_every_form() {
    let site = site_with_posts();
    let base = base_url(&site);
    for list in ["", "/tag/colours", "/author/olive-owner"] {
        let rss = site.anyone().get(&format!("{list}/feed.xml")).expect(200);
        let atom = site.anyone().get(&format!("{list}/atom.xml")).expect(200);
        let json = site.anyone().get(&format!("{list}/feed.json")).expect(200);
        let kind = rss.header("content-type").unwrap();
        assert!(kind.starts_with("application/rss+xml"), "{kind}");
        let (from_rss, from_atom) = (parsed(&rss.body), parsed(&atom.body));
        assert_eq!(
            (&from_rss["bozo"], &from_atom["bozo"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(
            (&from_rss["version"], &from_atom["version"]),
            (&json!("rss20"), &json!("atom10"))
        );
        assert_eq!(from_rss["entries"], from_atom["entries"], "{list}");
        let item = &json.json()["items"][0];
        let entry = &from_atom["entries"][0];
        assert_eq!(
            from_atom["entries"].as_array().unwrap().len(),
            1,
            "only what is public"
        );
        assert_eq!(entry[0], item["id"]);
        assert_eq!(item["title"], "Red & <green>");
        assert_eq!(item["url"], format!("{base}/red-green"));
        let html = item["content_html"].as_str().unwrap();
        assert!(html.contains(&format!("href=\"{base}/about\"")), "{html}");
        assert!(
            html.contains(&format!("href=\"{base}/red-green#")),
            "{html}"
        );
        assert!(!rss.body.contains("Hidden") && !rss.body.contains("Kept"));
    }
    for missing in [
        "/tag/none/feed.xml",
        "/author/nobody/atom.xml",
        "/archive/feed.xml",
    ] {
        site.anyone().get(missing).expect(404);
    }
}

#[test]
fn a_feed_is_sent_once_and_its_hub_is_told() {
    let site = site_with_posts();
    let first = site.anyone().get("/atom.xml").expect(200);
    let etag = first.header("etag").unwrap().to_owned();
    let again = site
        .anyone()
        .try_send("GET", "/atom.xml", &[("if-none-match", &etag)], None);
    assert_eq!(again.unwrap().status, 304);
    site.inkstand(&["settings", "set", "websub_hub", "https://hub.example/"])
        .ok();
    super::site::eventually("the feed names the hub", || {
        let feed = site.anyone().get("/atom.xml");
        let link = feed
            .header("link")
            .is_some_and(|link| link.contains("rel=\"hub\""));
        (link
            && feed
                .body
                .contains("rel=\"hub\" href=\"https://hub.example/\""))
        .then_some(())
    });
}

#[test]
fn machines_are_told_what_is_public_and_no_more() {
    let site = site_with_posts();
    let base = base_url(&site);
    let sitemap = site.anyone().get("/sitemap.xml").expect(200).body;
    for path in [
        "/",
        "/archive",
        "/red-green",
        "/tag/colours",
        "/author/olive-owner",
    ] {
        assert!(
            sitemap.contains(&format!("<loc>{base}{path}</loc>")),
            "{path}: {sitemap}"
        );
    }
    assert!(
        !sitemap.contains("hidden") && !sitemap.contains("private"),
        "{sitemap}"
    );
    let robots = site.anyone().get("/robots.txt").body;
    assert!(robots.contains("User-agent: GPTBot") && robots.contains("Disallow: /admin"));
    let llms = site.anyone().get("/llms.txt").expect(200).body;
    assert!(
        llms.contains(&format!("- [Red & <green>]({base}/red-green.md)")),
        "{llms}"
    );
    let text = site.anyone().get("/red-green.md").expect(200);
    assert!(
        text.body
            .starts_with("# Red & <green>\n\nSee [about](/about)")
    );
    assert_eq!(text.header("x-robots-tag"), Some("noindex"));
    for hidden in ["/hidden-draft.md", "/kept-private.md", "/none.md"] {
        site.anyone().get(hidden).expect(404);
    }
    let manifest = site
        .anyone()
        .get("/manifest.webmanifest")
        .expect(200)
        .json();
    assert_eq!(manifest["start_url"], "/");
    site.anyone().get("/.well-known/security.txt").expect(404);
}

#[test]
fn the_owner_decides_what_machines_are_told() {
    let site = site_with_posts();
    for (name, value) in [
        ("robots_txt", "User-agent: *\nDisallow: /"),
        ("markdown_pages", "false"),
        ("llms_txt", "false"),
        ("security_contact", "mailto:security@example.org"),
    ] {
        site.inkstand(&["settings", "set", name, value]).ok();
    }
    super::site::eventually("the settings are read", || {
        let robots = site.anyone().get("/robots.txt");
        (robots.body == "User-agent: *\nDisallow: /").then_some(())
    });
    super::site::eventually("all of them are", || {
        (site.anyone().get("/.well-known/security.txt").status == 200).then_some(())
    });
    site.anyone().get("/llms.txt").expect(404);
    site.anyone().get("/red-green.md").expect(404);
    let page = site.anyone().get("/red-green").expect(200).body;
    assert!(
        !page.contains(".md\""),
        "nothing leads to a text that is not there"
    );
    let security = site.anyone().get("/.well-known/security.txt").body;
    assert!(
        security.contains("Contact: mailto:security@example.org\nExpires: 20"),
        "{security}"
    );
}
