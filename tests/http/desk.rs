//! The desk and what lies on it: lists, histories, copies, tags, redirects, links to show a draft.

use serde_json::Value;

use super::admin::{field, look, place, press, send, signed_in};
use super::site::{Answer, Site, eventually};

const ASKS_JSON: (&str, &str) = ("accept", "application/json");

/// Writes a post by the editor's form; the address of its editor.
#[track_caller]
fn write(site: &Site, cookie: &str, button: &str, fields: &[(&str, &str)]) -> String {
    let page = look(site, "/admin/new", cookie).expect(200);
    let answer = press(site, ("/admin/new", cookie), &page, button, fields).expect(303);
    place(&answer)
}

/// Sends the editor's form as a script does.
#[track_caller]
fn save(site: &Site, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let headers = [
        ASKS_JSON,
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    site.anyone()
        .send("POST", path, &headers, Some(body.as_bytes()))
}

#[track_caller]
fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).expect("JSON")
}

#[test]
fn scripts_save_and_are_told_what_stands_there() {
    let (site, cookie) = signed_in();
    let first = [("title", "Ink"), ("markdown", "one two"), ("tags", "sea")];
    let made = json_of(&save(&site, "/admin/new", &cookie, &first).expect(200));
    let path = made["action"].as_str().unwrap().to_owned();
    assert_eq!(made["version"], 1);
    assert_eq!(made["standing"], "Draft");
    assert_eq!(made["slug"], "ink");
    assert_eq!(made["address"], Value::Null);

    let seen = |version: &'static str, text: &'static str| {
        vec![
            ("title", "Ink"),
            ("slug", "ink"),
            ("version", version),
            ("pending", "0"),
            ("markdown", text),
        ]
    };
    let saved = json_of(&save(&site, &path, &cookie, &seen("1", "one two three")).expect(200));
    assert_eq!(saved["version"], 2);
    // The second tab still has the first version before it.
    let refused = json_of(&save(&site, &path, &cookie, &seen("1", "one 2")).expect(409));
    let theirs = &refused["theirs"];
    assert_eq!(theirs["version"], 2);
    let part = &theirs["parts"][0];
    assert_eq!(part["field"], "markdown");
    assert_eq!(part["text"], "one two three");
    assert_eq!(part["diff"], "one <del>two three</del><ins>2</ins>");
    let wrong = save(&site, &path, &cookie, &[("slug", "No Slug")]).expect(422);
    assert_eq!(json_of(&wrong)["errors"][0]["field"], "slug");
    save(&site, &path, "", &seen("2", "x")).expect(401);
    assert!(!look(&site, &path, &cookie).body.contains("one 2"));
}

#[test]
fn settings_of_a_post_are_set_in_its_form() {
    let (site, cookie) = signed_in();
    let fields = [
        ("title", "All of it"),
        ("markdown", "text"),
        ("visibility", "published"),
        ("date", "2020-02-03T04:05"),
        ("cover", "https://example.org/cover.jpg"),
        ("cover_alt", "A harbour"),
        ("canonical", "https://example.org/original"),
        ("meta_title", "For machines"),
        ("meta_description", "What it is about"),
        ("featured", "yes"),
        ("code_foot", "<script>extra()</script>"),
        ("intent", "publish"),
    ];
    let made = json_of(&save(&site, "/admin/new", &cookie, &fields).expect(200));
    assert_eq!(made["address"], "/all-of-it");
    let page = site.anyone().get("/all-of-it").expect(200).body;
    for part in [
        "2020-02-03T04:05",
        "https://example.org/cover.jpg",
        "A harbour",
        "https://example.org/original",
        "For machines",
        "What it is about",
        "<script>extra()</script>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let path = made["action"].as_str().unwrap();
    // A date to come is a schedule; and nothing was changed by asking.
    let ahead = [
        ("title", "All of it"),
        ("version", "2"),
        ("date", "2999-01-01T00:00"),
    ];
    let ahead = [&ahead[..], &[("pending", "0"), ("intent", "update")]].concat();
    let answer = json_of(&save(&site, path, &cookie, &ahead).expect(422));
    assert_eq!(answer["errors"][0]["field"], "date");
    let hide = [
        ("title", "All of it"),
        ("slug", "all-of-it"),
        ("version", "2"),
        ("pending", "0"),
        ("visibility", "unlisted"),
        ("intent", "update"),
    ];
    let hidden = json_of(&save(&site, path, &cookie, &hide).expect(200));
    assert_eq!(hidden["standing"], "Unlisted");
    assert!(
        !site
            .anyone()
            .get("/")
            .expect(200)
            .body
            .contains("All of it")
    );
    site.anyone().get("/all-of-it").expect(200);
}

#[test]
fn a_post_waits_for_its_time() {
    let (site, cookie) = signed_in();
    let soon = jiff::Timestamp::now() + std::time::Duration::from_secs(3);
    let soon = soon.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let fields = [
        ("title", "Later"),
        ("markdown", "text"),
        ("schedule", &*soon),
        ("intent", "schedule"),
    ];
    let made = json_of(&save(&site, "/admin/new", &cookie, &fields).expect(200));
    assert_eq!(made["standing"], "Scheduled");
    site.anyone().get("/later").expect(404);
    // A time and a smaller circle contradict each other, and the smaller circle is not to be missed.
    let secret = [&fields[..], &[("visibility", "private")]].concat();
    let refused = json_of(&save(&site, "/admin/new", &cookie, &secret).expect(422));
    assert_eq!(refused["errors"][0]["field"], "visibility");
    eventually("the post is published", || {
        (site.anyone().get("/later").status == 200).then_some(())
    });
}

#[test]
fn the_preview_is_the_page_that_would_come_of_it() {
    let (site, cookie) = signed_in();
    let fields = [
        ("title", "Only looking"),
        ("markdown", "## A heading\n\nSome *text*."),
        ("tags", "new tag"),
        ("slug", "not a slug yet"),
    ];
    let shown = send(&site, "/admin/preview", &cookie, &fields).expect(200);
    assert!(
        shown
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'self'")
    );
    assert!(shown.header("cache-control").unwrap().contains("no-store"));
    let shown = article(&shown.body);
    assert!(shown.contains("<em>text</em>"), "{shown}");
    // Nothing of it was kept.
    assert!(
        !look(&site, "/admin/posts", &cookie)
            .body
            .contains("Only looking")
    );
    assert!(!look(&site, "/admin/tags", &cookie).body.contains("new tag"));
    send(&site, "/admin/preview", "", &fields).expect(401);

    write(&site, &cookie, "publish", &fields[..3]);
    let published = site.anyone().get("/only-looking").expect(200).body;
    assert_eq!(article(&published), shown);
}

fn article(page: &str) -> String {
    let html = scraper::Html::parse_document(page);
    let body = scraper::Selector::parse(".prose").unwrap();
    let found = html.select(&body).next().expect("a text");
    found.inner_html()
}

#[test]
fn an_old_state_comes_back() {
    let (site, cookie) = signed_in();
    let path = write(
        &site,
        &cookie,
        "publish",
        &[("title", "Kept"), ("markdown", "first words")],
    );
    let page = look(&site, &path, &cookie).expect(200);
    let second = [("markdown", "second words")];
    press(&site, (&path, &cookie), &page, "update", &second).expect(303);
    let past = format!("{path}/revisions");
    let newest = look(&site, &past, &cookie).expect(200).body;
    assert!(
        newest.contains("<del>first</del><ins>second</ins> words"),
        "{newest}"
    );
    let states = states(&newest);
    let since = look(
        &site,
        &format!("{past}?state={}&with=now", states[1]),
        &cookie,
    );
    assert!(
        since
            .expect(200)
            .body
            .contains("<del>first</del><ins>second</ins>")
    );
    let back = send(&site, &past, &cookie, &[("state", &states[1])]).expect(303);
    assert_eq!(place(&back), path);
    let page = look(&site, &path, &cookie).expect(200);
    assert_eq!(field(&page, "markdown").trim(), "first words");
    // Readers wait for "Update".
    assert!(site.anyone().get("/kept").body.contains("second words"));
    press(&site, (&path, &cookie), &page, "update", &[]).expect(303);
    assert!(site.anyone().get("/kept").body.contains("first words"));
    send(&site, &past, &cookie, &[("state", "1")]).expect(404);
    look(&site, "/admin/posts/1/revisions", &cookie).expect(404);
    let away = look(&site, &past, "").expect(303);
    assert_eq!(place(&away), "/sign-in");
}

fn states(page: &str) -> Vec<String> {
    let html = scraper::Html::parse_document(page);
    let links = scraper::Selector::parse(".states a").unwrap();
    let states = html.select(&links).map(|link| {
        let query = link.attr("href").unwrap().split_once("state=").unwrap().1;
        query.split('&').next().unwrap().to_owned()
    });
    states.collect()
}

#[test]
fn a_copy_is_a_draft_of_its_own() {
    let (site, cookie) = signed_in();
    let fields = [("title", "Ink"), ("markdown", "text"), ("tags", "sea")];
    let path = write(&site, &cookie, "publish", &fields);
    let copy = send(&site, &format!("{path}/copy"), &cookie, &[]).expect(303);
    let page = look(&site, &place(&copy), &cookie).expect(200);
    assert_eq!(field(&page, "title"), "Ink (copy)");
    assert_eq!(field(&page, "tags"), "sea");
    let german = send(
        &site,
        &format!("{path}/copy"),
        &cookie,
        &[("language", "de")],
    );
    let place = place(&german.expect(303));
    let page = look(&site, &place, &cookie).expect(200);
    assert_eq!(field(&page, "title"), "Ink");
    let changes = [("title", "Tinte"), ("slug", "tinte")];
    press(&site, (&place, &cookie), &page, "publish", &changes).expect(303);
    let reader = site.anyone().get("/ink").expect(200).body;
    assert!(reader.contains("hreflang=\"de\""), "{reader}");
}

#[test]
fn the_desk_is_searched_and_cleared_at_once() {
    let (site, cookie) = signed_in();
    for (title, text) in [
        ("Über Tinte", "Harbour lights"),
        ("Paper", "nothing"),
        ("Quill", "HARBOUR walls"),
    ] {
        write(
            &site,
            &cookie,
            "keep",
            &[("title", title), ("markdown", text), ("tags", title)],
        );
    }
    let rows = |query: &str| {
        let page = look(&site, &format!("/admin/posts?{query}"), &cookie).expect(200);
        let html = scraper::Html::parse_document(&page.body);
        let titles = scraper::Selector::parse(".rows .title").unwrap();
        let titles = html
            .select(&titles)
            .map(|title| title.text().collect::<String>());
        titles.collect::<Vec<_>>()
    };
    assert_eq!(rows(""), ["Quill", "Paper", "Über Tinte"]);
    assert_eq!(rows("q=harbour"), ["Quill", "Über Tinte"]);
    assert_eq!(rows("q=harbour+uber"), ["Über Tinte"]);
    assert_eq!(rows("q=harbour&status=published"), Vec::<String>::new());
    let page = look(&site, "/admin/posts?q=harbour", &cookie)
        .expect(200)
        .body;
    let html = scraper::Html::parse_document(&page);
    let boxes = scraper::Selector::parse("input[name=id]").unwrap();
    let ids: Vec<_> = html
        .select(&boxes)
        .map(|id| id.attr("value").unwrap())
        .collect();
    let fields = [
        ("id", ids[0]),
        ("id", ids[1]),
        ("what", "trash"),
        ("status", "draft"),
    ];
    let done = send(&site, "/admin/posts", &cookie, &fields).expect(303);
    let done = look(&site, done.header("location").unwrap(), &cookie).expect(200);
    assert!(
        done.body.contains("2 texts put into the trash."),
        "{}",
        done.body
    );
    assert_eq!(rows("status=trashed").len(), 2);
    // What cannot be done is said, and the rest is done.
    let fields = [
        ("id", ids[0]),
        ("id", "1"),
        ("what", "delete"),
        ("status", "trashed"),
    ];
    let answer = send(&site, "/admin/posts", &cookie, &fields).expect(422);
    assert!(answer.body.contains("Not everything could be done"));
    assert_eq!(rows("status=trashed").len(), 1);
}

#[test]
fn tags_are_renamed_and_merged() {
    let (site, cookie) = signed_in();
    write(
        &site,
        &cookie,
        "publish",
        &[("title", "A"), ("markdown", "x"), ("tags", "sea, ocean")],
    );
    let all = look(&site, "/admin/tags", &cookie).expect(200).body;
    let html = scraper::Html::parse_document(&all);
    let links = scraper::Selector::parse(".rows a.title").unwrap();
    let found: Vec<_> = html
        .select(&links)
        .map(|link| {
            (
                link.text().collect::<String>(),
                link.attr("href").unwrap().to_owned(),
            )
        })
        .collect();
    let at = |name: &str| {
        found
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    };
    let renamed = [
        ("what", "save"),
        ("name", "High sea"),
        ("slug", "high-sea"),
        ("colour", "#123456"),
    ];
    send(&site, &at("sea"), &cookie, &renamed).expect(303);
    assert!(
        site.anyone()
            .get("/tag/high-sea")
            .expect(200)
            .body
            .contains("High sea")
    );
    let moved = site.anyone().get("/tag/sea").expect(301);
    assert_eq!(moved.header("location"), Some("/tag/high-sea"));
    for (field, value) in [("colour", "red"), ("name", ""), ("name", "ocean")] {
        let mut wrong = renamed.to_vec();
        wrong.retain(|(name, _)| *name != field);
        wrong.push((field, value));
        let answer = send(&site, &at("sea"), &cookie, &wrong).expect(422);
        assert!(answer.body.contains("class=\"error\""), "{}", answer.body);
    }
    let into = at("ocean").rsplit('/').next().unwrap().to_owned();
    send(
        &site,
        &at("sea"),
        &cookie,
        &[("what", "merge"), ("into", &into)],
    )
    .expect(303);
    site.anyone().get("/tag/high-sea").expect(301);
    assert!(site.anyone().get("/a").body.contains("/tag/ocean"));
    send(&site, &at("ocean"), &cookie, &[("what", "delete")]).expect(303);
    site.anyone().get("/tag/ocean").expect(404);
    site.anyone().get("/a").expect(200);
}

#[test]
fn redirects_come_and_go_and_the_missing_are_counted() {
    let (site, cookie) = signed_in();
    write(
        &site,
        &cookie,
        "publish",
        &[("title", "The lighthouse"), ("markdown", "x")],
    );
    eventually("search finds it", || {
        let found = site.anyone().get("/search?q=lighthouse").body;
        found.contains("/the-lighthouse").then_some(())
    });
    for _ in 0..3 {
        site.anyone().get("/blog/lighthouse.html").expect(404);
    }
    let page = look(&site, "/admin/redirects", &cookie).expect(200).body;
    assert!(
        page.contains("/blog/lighthouse.html") && page.contains("3 times"),
        "{page}"
    );
    assert!(page.contains("value=\"/the-lighthouse\""), "{page}");
    let fields = [
        ("what", "add"),
        ("from", "/blog/lighthouse.html"),
        ("to", "/the-lighthouse"),
    ];
    send(&site, "/admin/redirects", &cookie, &fields).expect(303);
    let moved = site.anyone().get("/blog/lighthouse.html").expect(301);
    assert_eq!(moved.header("location"), Some("/the-lighthouse"));
    let page = look(&site, "/admin/redirects", &cookie).expect(200);
    assert!(!page.body.contains("3 times"));
    let circle = [("what", "add"), ("from", "/x"), ("to", "/x")];
    let answer = send(&site, "/admin/redirects", &cookie, &circle).expect(422);
    assert!(answer.body.contains("circle"));

    let csv = "from,to,kind\n/one,/the-lighthouse\n\n/two,https://example.org/,temporary\nbad,/x\n/y,/y\n";
    let fields = [("what", "import"), ("csv", csv)];
    let answer = send(&site, "/admin/redirects", &cookie, &fields)
        .expect(422)
        .body;
    assert!(
        answer.contains("2 taken") && answer.contains("Line 5") && answer.contains("Line 6"),
        "{answer}"
    );
    site.anyone().get("/two").expect(302);
    let all = look(&site, "/admin/redirects.csv", &cookie)
        .expect(200)
        .body;
    assert!(all.contains("/two,https://example.org/,temporary"), "{all}");
    let id = field(&look(&site, "/admin/redirects", &cookie), "id");
    send(
        &site,
        "/admin/redirects",
        &cookie,
        &[("what", "remove"), ("id", &id)],
    )
    .expect(303);
    site.anyone().get("/two").expect(404);
    let record = look(&site, "/admin/audit", &cookie).expect(200).body;
    assert!(
        record.contains("sent an address elsewhere") && record.contains("took a redirect back")
    );
    // What went out comes in again.
    let fields = [("what", "import"), ("csv", &*all)];
    send(&site, "/admin/redirects", &cookie, &fields).expect(303);
    site.anyone().get("/two").expect(302);
}

#[test]
fn a_draft_is_shown_to_who_has_the_link() {
    let (site, cookie) = signed_in();
    let path = write(
        &site,
        &cookie,
        "keep",
        &[("title", "Secret"), ("markdown", "draft words")],
    );
    let here = format!("{path}/preview");
    let made = send(&site, &here, &cookie, &[("what", "make"), ("hours", "2")]).expect(200);
    let html = scraper::Html::parse_document(&made.body);
    let link = scraper::Selector::parse("#link").unwrap();
    let link = html.select(&link).next().unwrap().attr("value").unwrap();
    let link = &link[link.find("/preview/").unwrap()..];
    assert!(
        site.anyone()
            .get(link)
            .expect(200)
            .body
            .contains("draft words")
    );
    send(&site, &here, &cookie, &[("what", "take-back")]).expect(200);
    site.anyone().get(link).expect(404);
    send(&site, &here, &cookie, &[("what", "make"), ("hours", "0")]).expect(422);
}

#[test]
fn safe_mode_gets_out_of_a_mistake() {
    let (site, cookie) = signed_in();
    site.inkstand(&["settings", "set", "code_head", "<script>broken(</script>"])
        .ok();
    site.inkstand(&["settings", "set", "custom_css", "body { display: none }"])
        .ok();
    eventually("the page has the code", || {
        site.anyone()
            .get("/")
            .body
            .contains("broken(")
            .then_some(())
    });
    let page = look(&site, "/admin/appearance", &cookie).expect(200);
    press(
        &site,
        ("/admin/appearance", &cookie),
        &page,
        "",
        &[
            ("safe_mode", "on"),
            ("font_text", "theme"),
            ("font_headings", "theme"),
        ],
    )
    .expect(303);
    let reader = site.anyone().get("/").expect(200);
    assert!(!reader.body.contains("broken("));
    assert!(
        look(&site, "/admin", &cookie)
            .body
            .contains("Safe mode is on")
    );
    let kept = site.inkstand(&["settings", "show"]).ok();
    assert!(kept.contains("broken(") && kept.contains("display: none"));
}

#[test]
fn the_first_page_says_what_a_new_site_lacks() {
    let (site, cookie) = signed_in();
    let first = look(&site, "/admin", &cookie).expect(200).body;
    assert!(
        first.contains("Publish a first post") && first.contains("No drafts"),
        "{first}"
    );
    write(
        &site,
        &cookie,
        "publish",
        &[("title", "First"), ("markdown", "x")],
    );
    let second = look(&site, "/admin", &cookie).expect(200).body;
    assert!(!second.contains("Nothing is published yet"));
}
