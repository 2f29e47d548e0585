//! Pictures the server draws: cards for those who share a page, and icons.

use serde_json::json;

use super::site::{Answer, Setup, Site};

/// What stands in an attribute that comes after this.
fn after<'a>(page: &'a str, before: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split('"').next().unwrap()
}

fn path_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    &rest[rest.find('/').unwrap()..]
}

fn is_png(answer: &Answer) -> bool {
    answer.header("content-type") == Some("image/png") && answer.body.contains("PNG\r\n")
}

fn card_of(site: &Site, page: &str) -> String {
    let page = site.anyone().get(page).expect(200).body;
    path_of(after(&page, "og:image\" content=\"")).to_owned()
}

#[test]
fn a_page_without_a_cover_has_a_card() {
    let site = Setup::new().start();
    let owner = site.owner();
    let post = json!({ "title": "Red & green", "status": "published", "markdown": "x" });
    owner.ask("POST", "/api/v1/posts", &post).expect(201);
    let path = card_of(&site, "/red-green");
    let card = site.anyone().get(&path).expect(200);
    assert!(is_png(&card));
    let policy = card.header("cache-control");
    assert_eq!(policy, Some("public, max-age=31536000, immutable"));
    assert_ne!(card_of(&site, "/"), path);
    assert!(is_png(&site.anyone().get(&card_of(&site, "/")).expect(200)));

    let changed = json!({ "title": "Blue", "slug": "red-green" });
    let id = path
        .trim_start_matches("/cards/")
        .split('-')
        .next()
        .unwrap();
    let api = format!("/api/v1/posts/{id}");
    owner.ask("PATCH", &api, &changed).expect(200);
    let now = card_of(&site, "/red-green");
    assert_ne!(now, path, "other words, another picture");
    let moved = site.anyone().get(&path).expect(302);
    assert_eq!(moved.header("location"), Some(&*now));

    let cover = json!({ "cover": { "url": "/media/x.png", "alt": "" } });
    owner.ask("PATCH", &api, &cover).expect(200);
    assert_eq!(card_of(&site, "/red-green"), "/media/x.png");
}

#[test]
fn the_title_of_a_draft_is_on_no_card() {
    let site = Setup::new().start();
    let owner = site.owner();
    let post = json!({ "title": "Not yet", "markdown": "x" });
    let made = owner.ask("POST", "/api/v1/posts", &post).expect(201).json();
    let id = &made["id"];
    for name in [
        format!("{id}-000000000000"),
        format!("{id}"),
        "x-1".to_owned(),
    ] {
        site.anyone().get(&format!("/cards/{name}.png")).expect(404);
    }
    let link = owner.ask("POST", &format!("/api/v1/posts/{id}/preview"), &json!({}));
    let link = link.expect(201).json();
    let shown = site.anyone().get(path_of(link["url"].as_str().unwrap()));
    assert!(!shown.expect(200).body.contains("/cards/"));
}

#[test]
fn icons_are_where_browsers_look_for_them() {
    let site = Site::start();
    let favicon = site.anyone().get("/favicon.ico").expect(200);
    assert_eq!(favicon.header("content-type"), Some("image/x-icon"));
    assert!(is_png(
        &site.anyone().get("/apple-touch-icon.png").expect(200)
    ));
    let home = site.anyone().get("/").expect(200).body;
    let icon = after(&home, "sizes=\"192x192\" href=\"");
    let first = site.anyone().get(icon).expect(200);
    assert!(is_png(&first));
    let manifest = site
        .anyone()
        .get("/manifest.webmanifest")
        .expect(200)
        .json();
    let icons = manifest["icons"].as_array().unwrap();
    assert_eq!(icons.len(), 3);
    for icon in icons {
        assert!(is_png(
            &site.anyone().get(icon["src"].as_str().unwrap()).expect(200)
        ));
    }
    site.anyone().get("/icons/x/none.png").expect(404);

    // The logo, when it is a picture that was uploaded here.
    let logo = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/pictures/logo.png"
    );
    let said = site.inkstand(&["media", "add", logo]).ok();
    let (_, address) = said.trim().trim_end_matches(')').rsplit_once('(').unwrap();
    site.inkstand(&["settings", "set", "logo", address]).ok();
    let moved = super::site::eventually("the logo is known", || {
        let answer = site.anyone().get(icon);
        (answer.status == 302).then_some(answer)
    });
    let second = site
        .anyone()
        .get(moved.header("location").unwrap())
        .expect(200);
    assert!(is_png(&second) && second.body != first.body);
}
