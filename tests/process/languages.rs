//! The site in its reader's language: every one we have texts in, and one we have not.

use serde_json::json;

use super::site::{Site, eventually};

/// Tags of the files in `assets/i18n`.
fn languages() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/i18n");
    let files = std::fs::read_dir(folder).unwrap();
    let mut tags: Vec<String> = files
        .map(|file| file.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    tags.sort();
    tags
}

fn texts(tag: &str) -> toml::Table {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/i18n");
    let text = std::fs::read_to_string(folder.join(format!("{tag}.toml"))).unwrap();
    text.parse().unwrap()
}

fn speak(site: &Site, tag: &str) {
    site.inkstand(&["settings", "set", "language", tag]);
    let says = format!("<html lang=\"{tag}\"");
    eventually("the site has its new language", || {
        site.anyone().get("/").body.contains(&says).then_some(())
    });
}

fn publish(site: &Site, title: &str, language: Option<&str>) {
    let form = json!({
        "title": title, "markdown": "Words.", "language": language, "status": "published",
    });
    site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
}

#[test]
fn a_site_speaks_every_language_there_are_texts_in() {
    let site = Site::start();
    publish(&site, "A post", None);
    let tags = languages();
    assert!(tags.len() >= 7, "{tags:?}");
    for tag in &tags {
        speak(&site, tag);
        let texts = texts(tag);
        let direction = if tag == "ar" { "rtl" } else { "ltr" };
        for (path, status, key) in [
            ("/nowhere", 404, "error_404_title"),
            ("/a-post", 200, "skip_to_content"),
            ("/search", 200, "search"),
        ] {
            let frame = format!("<html lang=\"{tag}\" dir=\"{direction}\"");
            // What an error page says of the site may be a moment old.
            let page = eventually("the page is in the language", || {
                let page = site.anyone().get(path).expect(status).body;
                page.contains(&frame).then_some(page)
            });
            let text = texts[key].as_str().unwrap();
            assert!(page.contains(text), "{tag} {path}: no “{text}” in {page}");
        }
    }
}

#[test]
fn a_post_speaks_its_own_language() {
    let site = Site::start();
    publish(&site, "On a Saturday", None);
    publish(&site, "A post in Japanese", Some("ja"));
    publish(&site, "A post in Polish", Some("pl"));
    speak(&site, "de");
    let read = |path: &str| site.anyone().get(path).expect(200).body;
    let german = texts("de")["skip_to_content"].as_str().unwrap().to_owned();
    let japanese = texts("ja")["skip_to_content"].as_str().unwrap().to_owned();
    assert!(read("/on-a-saturday").contains(&german));
    let page = read("/a-post-in-japanese");
    assert!(
        page.contains("<html lang=\"ja\"") && page.contains(&japanese),
        "{page}"
    );
    assert!(page.contains("年"), "a date as in Japan: {page}");
    // There are no Polish texts, but Polish dates; the rest is as the site is.
    let page = read("/a-post-in-polish");
    assert!(
        page.contains("<html lang=\"pl\"") && page.contains(&german),
        "{page}"
    );
}
