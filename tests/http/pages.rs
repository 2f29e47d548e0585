//! Every kind of page a reader can open, as the real program makes it: what its head says, what its
//! addresses are called, and that nothing people wrote becomes markup.

use scraper::{Html, Selector};
use serde_json::{Value, json};

use super::site::{Answer, Setup, Site, eventually};

pub(super) const POSTS: &str = "/api/v1/posts";
/// What somebody might call a post, a tag, a site or themselves.
const HOSTILE: &str = "</title></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// Publishes a post; its id.
#[track_caller]
pub(super) fn publish(site: &Site, mut post: Value) -> String {
    post["status"] = "published".into();
    let made = site.owner().ask("POST", POSTS, &post).expect(201).json();
    made["id"]
        .as_str()
        .map_or_else(|| made["id"].to_string(), str::to_owned)
}

#[track_caller]
pub(super) fn page(site: &Site, path: &str) -> Html {
    Html::parse_document(&site.anyone().get(path).expect(200).body)
}

pub(super) fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect()
}

/// An attribute of the first element that fits.
pub(super) fn attribute(page: &Html, selector: &str, name: &str) -> Option<String> {
    let first = select(page, selector).into_iter().next()?;
    first.value().attr(name).map(str::to_owned)
}

pub(super) fn text(page: &Html, selector: &str) -> String {
    let texts = select(page, selector)
        .into_iter()
        .flat_map(|one| one.text());
    texts.collect::<String>().trim().to_owned()
}

/// Where a redirect leads.
#[track_caller]
pub(super) fn moved(answer: &Answer, status: u16) -> &str {
    assert_eq!(answer.status, status, "{}", answer.body);
    answer.header("location").expect("an address to go to")
}

pub(super) fn structured(page: &Html) -> Value {
    let data = text(page, "script[type='application/ld+json']");
    serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error} in {data}"))
}

/// A site with one page, and 12 posts with a tag, more than fit on a page.
pub(super) fn filled() -> Site {
    let site = Site::start();
    site.token();
    site.inkstand(&["settings", "set", "title", "Field notes"])
        .ok();
    site.inkstand(&["settings", "set", "description", "Of meadows"])
        .ok();
    publish(
        &site,
        json!({
            "kind": "page", "title": "About", "markdown": "Me & you.",
        }),
    );
    for n in 1..=12 {
        publish(
            &site,
            json!({
                "title": format!("Post {n}"), "markdown": format!("Text of number {n}."),
                "tags": ["Grass"], "excerpt": format!("Excerpt {n}"),
            }),
        );
    }
    site
}

/// Year and month of the newest post, as they stand in addresses.
pub(super) fn month_of(site: &Site) -> (String, String) {
    let iso = attribute(&page(site, "/"), "time", "datetime").expect("a date");
    (iso[..4].to_owned(), iso[5..7].to_owned())
}

/// Every kind of page, and what it calls itself.
fn every_page(site: &Site) -> Vec<(String, &'static str)> {
    let (year, month) = month_of(site);
    let author = attribute(&page(site, "/post-1"), "a[rel=author]", "href").expect("an author");
    [
        ("/".to_owned(), "home"),
        ("/page/2".to_owned(), "home"),
        ("/post-1".to_owned(), "post"),
        ("/about".to_owned(), "page"),
        ("/tag/grass".to_owned(), "tag"),
        ("/tag/grass/page/2".to_owned(), "tag"),
        (author.clone(), "author"),
        (format!("{author}/page/2"), "author"),
        ("/archive".to_owned(), "archive"),
        (format!("/archive/{year}"), "archive"),
        (format!("/archive/{year}/page/2"), "archive"),
        (format!("/archive/{year}/{month}"), "archive"),
        (format!("/archive/{year}/{month}/page/2"), "archive"),
        ("/search?q=number".to_owned(), "search"),
        ("/search".to_owned(), "search"),
    ]
    .into()
}

#[test]
fn every_page_says_what_it_is() {
    let site = filled();
    let base = format!("http://{}", site.address());
    for (path, kind) in every_page(&site) {
        let answer = site.anyone().get(&path).expect(200);
        let page = Html::parse_document(&answer.body);
        assert_eq!(
            attribute(&page, "main", "data-page").as_deref(),
            Some(kind),
            "{path}"
        );
        assert_eq!(
            attribute(&page, "html", "lang").as_deref(),
            Some("en"),
            "{path}"
        );
        assert_eq!(select(&page, "h1").len(), 1, "{path}");
        assert!(text(&page, "title").contains("Field notes"), "{path}");
        let canonical = attribute(&page, "link[rel=canonical]", "href");
        let robots = attribute(&page, "meta[name=robots]", "content");
        if kind == "search" {
            assert_eq!(
                (canonical, robots.as_deref()),
                (None, Some("noindex")),
                "{path}"
            );
        } else {
            let canonical = canonical.expect("a canonical address");
            let port = format!(":{}", site.address().port());
            assert!(
                canonical.ends_with(&format!("{port}{path}")),
                "{path}: {canonical} {base}"
            );
            assert_eq!(robots, None, "{path}");
            let data = structured(&page);
            assert_eq!(data["@context"], "https://schema.org", "{path}");
        }
        let feeds = select(&page, "link[rel=alternate][type='application/rss+xml']");
        assert!(!feeds.is_empty(), "{path} has no feed");
        assert!(
            attribute(&page, "meta[property='og:title']", "content").is_some(),
            "{path}"
        );
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            select(&page, "[style], style").len(),
            0,
            "{path} has inline styles"
        );
        for script in select(&page, "script") {
            let is_data = script.value().attr("type") == Some("application/ld+json");
            assert!(
                is_data || script.value().attr("src").is_some(),
                "{path} has a script"
            );
        }
    }
}

#[test]
fn a_post_is_told_to_machines() {
    let site = filled();
    let post = page(&site, "/post-3");
    let data = structured(&post);
    let (what, way) = (&data["@graph"][0], &data["@graph"][1]);
    assert_eq!(what["@type"], "BlogPosting");
    assert_eq!(what["headline"], "Post 3");
    assert_eq!(what["author"][0]["name"], "Olive Owner");
    assert_eq!(what["inLanguage"], "en");
    assert_eq!(what["wordCount"], 4);
    assert_eq!(what["keywords"], json!(["Grass"]));
    let published = what["datePublished"].as_str().expect("a date");
    assert_eq!(
        attribute(&post, "meta[property='article:published_time']", "content").as_deref(),
        Some(published)
    );
    assert_eq!(
        attribute(&post, "time", "datetime").as_deref(),
        Some(published)
    );
    let names: Vec<_> = way["itemListElement"]
        .as_array()
        .expect("steps")
        .iter()
        .collect();
    let names: Vec<_> = names.iter().map(|step| step["name"].as_str()).collect();
    assert_eq!(names, [Some("Field notes"), Some("Grass"), Some("Post 3")]);
    assert_eq!(
        attribute(&post, "meta[name=description]", "content").as_deref(),
        Some("Excerpt 3")
    );
    assert_eq!(text(&post, "title"), "Post 3 · Field notes");

    let home = structured(&page(&site, "/"));
    assert_eq!(home["@type"], "WebSite");
    let search = home["potentialAction"]["target"]["urlTemplate"].as_str();
    assert!(search.is_some_and(|address| address.ends_with("/search?q={search_term_string}")));
    let about = structured(&page(&site, "/about"));
    assert_eq!(about["@graph"][0]["@type"], "WebPage");
}

#[test]
fn pages_of_a_list_lead_to_each_other() {
    let site = filled();
    let (year, month) = month_of(&site);
    for list in [
        "",
        "/tag/grass",
        "/author/olive-owner",
        &format!("/archive/{year}"),
        &format!("/archive/{year}/{month}"),
    ] {
        let first = if list.is_empty() { "/" } else { list };
        let one = page(&site, first);
        let two_path = format!("{list}/page/2");
        assert_eq!(
            attribute(&one, "link[rel=next]", "href"),
            Some(two_path.clone()),
            "{list}"
        );
        assert_eq!(attribute(&one, "link[rel=prev]", "href"), None, "{list}");
        let two = page(&site, &two_path);
        assert_eq!(
            attribute(&two, "link[rel=prev]", "href").as_deref(),
            Some(first),
            "{list}"
        );
        assert_eq!(attribute(&two, "link[rel=next]", "href"), None, "{list}");
        assert!(
            text(&two, "title").contains("Page 2"),
            "{list}: {}",
            text(&two, "title")
        );
        assert_eq!(
            select(&one, "article").len() + select(&two, "article").len(),
            12,
            "{list}"
        );

        let anyone = site.anyone();
        assert_eq!(moved(&anyone.get(&format!("{list}/page/1")), 301), first);
        assert_eq!(
            moved(&anyone.get(&format!("{list}/page/1?a=b")), 301),
            format!("{first}?a=b")
        );
        for none in ["0", "3", "02", "x", "-1", "99999999999"] {
            anyone.get(&format!("{list}/page/{none}")).expect(404);
        }
    }
    for none in [
        "/archive/26",
        "/archive/2026/13",
        "/archive/2026/5",
        "/archive/1999",
        "/tag/none",
        "/author/none",
    ] {
        site.anyone().get(none).expect(404);
    }
}

#[test]
fn nothing_people_write_becomes_markup() {
    let setup = Setup::new();
    let user = [
        "user",
        "create",
        "--email",
        "o@example.org",
        "--role",
        "owner",
        "--name",
        "<b onclick=x>\"'&</title><script>1</script>",
    ];
    setup
        .inkstand_reading(&user, "a password of the owner\n")
        .ok();
    let token = [
        "token",
        "create",
        "--name",
        "tests",
        "--scope",
        "read,write,admin",
    ];
    let token = setup.inkstand(&token).ok().trim().to_owned();
    for name in ["title", "description"] {
        setup.inkstand(&["settings", "set", name, HOSTILE]).ok();
    }
    let site = setup.start().with_token(&token);
    publish(
        &site,
        json!({
            "title": HOSTILE, "slug": "post-1", "markdown": "words", "excerpt": HOSTILE, "tags": [HOSTILE],
            "meta_description": HOSTILE,
        }),
    );
    publish(
        &site,
        json!({ "title": HOSTILE, "slug": "post-2", "markdown": HOSTILE, "tags": [HOSTILE] }),
    );
    eventually("the posts are found", || {
        let found = site.anyone().get("/api/v1/search?q=alert");
        (found.json()["total"] == 2).then_some(())
    });
    let post = page(&site, "/post-1");
    let (year, month) = month_of(&site);
    let paths = [
        "/".to_owned(),
        "/post-1".to_owned(),
        "/post-2".to_owned(),
        attribute(&post, "a[rel=tag]", "href").expect("a tag"),
        attribute(&post, "a[rel=author]", "href").expect("an author"),
        "/archive".to_owned(),
        format!("/archive/{year}/{month}"),
        "/search?q=alert".to_owned(),
        "/search?q=%3C/title%3E%3Cscript%3Ealert(1)%3C/script%3E%22onload=%22x".to_owned(),
    ];
    for path in paths {
        let page = page(&site, &path);
        for script in select(&page, "script") {
            let is_data = script.value().attr("type") == Some("application/ld+json");
            assert!(
                is_data || script.value().attr("src").is_some(),
                "{path}: {}",
                script.html()
            );
        }
        for element in select(&page, "*") {
            let handler = element
                .value()
                .attrs()
                .find(|(name, _)| name.starts_with("on"));
            assert_eq!(handler, None, "{path}: {}", element.html());
        }
        if !path.starts_with("/search") {
            structured(&page);
        }
    }
    assert_eq!(text(&post, "h1"), HOSTILE);
}

#[test]
fn a_post_leads_to_its_translations_and_to_what_is_like_it() {
    let site = filled();
    let german = publish(
        &site,
        json!({
            "title": "Wiese", "markdown": "Gras.", "language": "de", "tags": ["Grass"],
        }),
    );
    let english = publish(
        &site,
        json!({ "title": "Meadow", "markdown": "Grass.", "tags": ["Grass"] }),
    );
    site.inkstand(&["post", "translate", &german, "--of", &english])
        .ok();
    let meadow = eventually("the program knows of the translation", || {
        let meadow = page(&site, "/meadow");
        (!select(&meadow, "link[hreflang]").is_empty()).then_some(meadow)
    });
    let languages = |page: &Html| -> Vec<(String, String)> {
        let links = select(page, "link[hreflang]");
        let of = |link: &scraper::ElementRef<'_>, name| link.value().attr(name).unwrap().to_owned();
        links
            .iter()
            .map(|link| (of(link, "hreflang"), of(link, "href")))
            .collect()
    };
    let told = languages(&meadow);
    let names: Vec<&str> = told.iter().map(|(language, _)| language.as_str()).collect();
    assert_eq!(names, ["de", "en", "x-default"]);
    assert!(
        told[0].1.ends_with("/wiese") && told[1].1.ends_with("/meadow"),
        "{told:?}"
    );
    assert_eq!(told[1].1, told[2].1);
    let wiese = page(&site, "/wiese");
    assert_eq!(languages(&wiese), told);
    assert_eq!(attribute(&wiese, "html", "lang").as_deref(), Some("de"));
    assert_eq!(text(&wiese, ".translations a"), "English: Meadow");
    assert!(
        text(&wiese, "[role=search], .skip").contains("Inhalt"),
        "in the text's language"
    );
    let related = select(&meadow, ".related article");
    assert_eq!(related.len(), 3);
}
