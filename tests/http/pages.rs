//! Every kind of page a reader can open, as the real program makes it: what its head says, what its
//! addresses are called, and that nothing people wrote becomes markup.

use scraper::{Html, Selector};
use serde_json::{Value, json};

use super::site::{Answer, Setup, Site, eventually};

const POSTS: &str = "/api/v1/posts";
/// What somebody might call a post, a tag, a site or themselves.
const HOSTILE: &str = "</title></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// Publishes a post; its id.
#[track_caller]
fn publish(site: &Site, mut post: Value) -> String {
    post["status"] = "published".into();
    let made = site.owner().ask("POST", POSTS, &post).expect(201).json();
    made["id"]
        .as_str()
        .map_or_else(|| made["id"].to_string(), str::to_owned)
}

#[track_caller]
fn page(site: &Site, path: &str) -> Html {
    Html::parse_document(&site.anyone().get(path).expect(200).body)
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect()
}

/// An attribute of the first element that fits.
fn attribute(page: &Html, selector: &str, name: &str) -> Option<String> {
    let first = select(page, selector).into_iter().next()?;
    first.value().attr(name).map(str::to_owned)
}

fn text(page: &Html, selector: &str) -> String {
    let texts = select(page, selector)
        .into_iter()
        .flat_map(|one| one.text());
    texts.collect::<String>().trim().to_owned()
}

/// Where a redirect leads.
#[track_caller]
fn moved(answer: &Answer, status: u16) -> &str {
    assert_eq!(answer.status, status, "{}", answer.body);
    answer.header("location").expect("an address to go to")
}

fn structured(page: &Html) -> Value {
    let data = text(page, "script[type='application/ld+json']");
    serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error} in {data}"))
}

/// A site with one page, and 12 posts with a tag, more than fit on a page.
fn filled() -> Site {
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
fn month_of(site: &Site) -> (String, String) {
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
fn addresses_have_one_form_and_the_others_lead_to_it() {
    let site = filled();
    let (year, month) = month_of(&site);
    let anyone = site.anyone();
    for (asked, led) in [
        ("/post-1/".to_owned(), "/post-1".to_owned()),
        ("/Post-1".to_owned(), "/post-1".to_owned()),
        ("//post-1".to_owned(), "/post-1".to_owned()),
        ("/POST-1//?utm=X&y".to_owned(), "/post-1?utm=X&y".to_owned()),
        ("/Tag/Grass/".to_owned(), "/tag/grass".to_owned()),
        ("/tag/GRASS".to_owned(), "/tag/grass".to_owned()),
        (
            "/tag//grass/page/2/".to_owned(),
            "/tag/grass/page/2".to_owned(),
        ),
        (
            "/author/Olive-Owner/".to_owned(),
            "/author/olive-owner".to_owned(),
        ),
        ("/Archive/".to_owned(), "/archive".to_owned()),
        (
            format!("/archive/{year}/{month}/"),
            format!("/archive/{year}/{month}"),
        ),
        ("/search/?q=A".to_owned(), "/search?q=A".to_owned()),
        ("/PAGE/2".to_owned(), "/page/2".to_owned()),
        ("/admin/".to_owned(), "/admin".to_owned()),
    ] {
        assert_eq!(moved(&anyone.get(&asked), 301), led, "{asked}");
    }
    for nowhere in [
        "/nothing/",
        "/Nothing",
        "//evil.example",
        "//evil.example/",
        "/%5Cevil.example/",
        "/tag/none/",
        "/Archive/1999",
        "/%00/",
        "/%ff/",
        "/POST-1%0d%0aX:y",
    ] {
        let answer = anyone.get(nowhere);
        assert_eq!(
            answer.status,
            404,
            "{nowhere}: {:?}",
            answer.header("location")
        );
    }
}

#[test]
fn what_moved_takes_the_query_along() {
    let site = filled();
    site.inkstand(&["redirect", "add", "/About-Us/", "/about"])
        .ok();
    site.inkstand(&["redirect", "add", "/soon", "/post-1?a=b#c", "--temporary"])
        .ok();
    site.inkstand(&["redirect", "add", "/away", "https://example.org/x"])
        .ok();
    let id = publish(&site, json!({ "title": "First name", "markdown": "x" }));
    let change = json!({ "slug": "second-name" });
    site.owner()
        .ask("PATCH", &format!("{POSTS}/{id}"), &change)
        .expect(200);
    let anyone = site.anyone();
    eventually("the program knows of the redirects", || {
        (anyone.get("/away").status == 301).then_some(())
    });
    assert_eq!(moved(&anyone.get("/About-Us/?q=1"), 301), "/about?q=1");
    assert_eq!(moved(&anyone.get("/soon?q=1"), 302), "/post-1?a=b&q=1#c");
    assert_eq!(
        moved(&anyone.get("/away?q=1"), 301),
        "https://example.org/x"
    );
    assert_eq!(
        moved(&anyone.get("/first-name?q=1"), 301),
        "/second-name?q=1"
    );
    assert_eq!(moved(&anyone.get("/first-name"), 301), "/second-name");
}

#[test]
fn pages_are_read_and_nothing_else() {
    let site = filled();
    let anyone = site.anyone();
    for path in ["/", "/post-1", "/tag/grass", "/archive", "/search"] {
        let refused = anyone.post(path).expect(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"), "{path}");
        let (head, got) = (anyone.send("HEAD", path, &[], None), anyone.get(path));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("etag"), got.header("etag"), "{path}");
        let known = [("if-none-match", got.header("etag").expect("a tag"))];
        anyone.send("GET", path, &known, None).expect(304);
    }
}

#[test]
fn code_the_owner_puts_in_may_run_and_nothing_else() {
    let site = filled();
    let analytics = "<script>count('site')</script><style>h1 { color: red }</style>";
    site.inkstand(&["settings", "set", "code_head", analytics])
        .ok();
    publish(
        &site,
        json!({
            "title": "With code", "markdown": "x", "code_foot": "<script>count('post')</script>",
        }),
    );
    let policy = |path: &str| {
        let answer = site.anyone().get(path);
        answer
            .header("content-security-policy")
            .expect("a policy")
            .to_owned()
    };
    let (home, post, nowhere) = (policy("/"), policy("/with-code"), policy("/nowhere"));
    let hashes = |policy: &str| policy.matches("'sha256-").count();
    assert_eq!((hashes(&home), hashes(&post), hashes(&nowhere)), (2, 3, 0));
    assert!(home.contains("script-src 'self' https: 'sha256-"), "{home}");
    for policy in [&home, &post, &nowhere] {
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    let shown = site.anyone().get("/with-code").body;
    assert!(shown.contains(analytics) && shown.contains("count('post')"));
    assert!(!site.anyone().get("/nowhere").body.contains("count"));
}

#[test]
fn browsers_are_told_to_come_encrypted_where_the_site_is() {
    let hsts = |site: &Site, headers: &[(&str, &str)]| {
        let answer = site.anyone().send("GET", "/", headers, None).expect(200);
        answer
            .header("strict-transport-security")
            .map(str::to_owned)
    };
    let year = Some("max-age=31536000".to_owned());
    let plain = Site::start();
    assert_eq!(hsts(&plain, &[("x-forwarded-proto", "https")]), None);
    let args = [
        "--set",
        "site.url=https://blog.example",
        "--set",
        "trusted_proxies=127.0.0.1",
    ];
    let proxied = Site::start_with(&args);
    assert_eq!(hsts(&proxied, &[("x-forwarded-proto", "https")]), year);
    assert_eq!(hsts(&proxied, &[("x-forwarded-proto", "http")]), None);
}

#[test]
fn any_question_to_the_search_has_an_answer() {
    let site = filled();
    for query in [
        "?q=number&utm_source=x",
        "?q=a&q=number",
        "?page=x&q=number",
        "?q=%ff",
        "?as_you_type=maybe",
        "",
    ] {
        site.anyone()
            .get(&format!("/api/v1/search{query}"))
            .expect(200)
            .json();
        site.anyone().get(&format!("/search{query}")).expect(200);
    }
}

#[test]
fn what_was_trashed_is_gone() {
    let site = filled();
    let anyone = site.anyone();
    let id = publish(&site, json!({ "title": "Old news", "markdown": "x" }));
    anyone.get("/old-news").expect(200);
    site.owner()
        .post(&format!("{POSTS}/{id}/trash"))
        .expect(200);
    for path in ["/old-news", "/Old-News/"] {
        let gone = anyone.get(path).expect(410);
        let page = Html::parse_document(&gone.body);
        assert_eq!(
            attribute(&page, "main", "data-page").as_deref(),
            Some("error")
        );
        assert_eq!(text(&page, "h1"), "Gone");
    }
    let program = [("accept", "application/json")];
    let gone = anyone.send("GET", "/old-news", &program, None).expect(410);
    assert_eq!(gone.json()["code"], "gone");
    let draft = json!({ "title": "Never seen", "markdown": "x" });
    let id = site.owner().ask("POST", POSTS, &draft).expect(201).json()["id"].clone();
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    site.owner()
        .post(&format!("{POSTS}/{id}/trash"))
        .expect(200);
    anyone.get("/never-seen").expect(404);
}

#[test]
fn a_preview_is_for_those_who_have_its_link() {
    let site = filled();
    let anyone = site.anyone();
    let draft = json!({ "title": "Not yet", "markdown": "Secret words.", "tags": ["Grass"] });
    let id = site.owner().ask("POST", POSTS, &draft).expect(201).json()["id"].clone();
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let shared = site
        .owner()
        .post(&format!("{POSTS}/{id}/preview"))
        .expect(201)
        .json();
    let url = shared["url"].as_str().expect("an address");
    let path = &url[url.find("/preview/").expect("a path")..];
    for _ in 0..2 {
        let answer = anyone.get(path).expect(200);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.header("x-robots-tag"), Some("noindex, nofollow"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let page = Html::parse_document(&answer.body);
        assert!(text(&page, ".prose").contains("Secret words."));
        assert!(text(&page, "[role=status]").contains("preview"));
        assert_eq!(attribute(&page, "link[rel=canonical]", "href"), None);
        assert_eq!(
            attribute(&page, "meta[name=robots]", "content").as_deref(),
            Some("noindex")
        );
        assert!(!answer.body.contains(path), "the secret is in the page");
    }
    anyone.get("/not-yet").expect(404);
    anyone.get(&path[..path.len() - 1]).expect(404);
    site.owner()
        .send("DELETE", &format!("{POSTS}/{id}/preview"), &[], None)
        .expect(204);
    anyone.get(path).expect(404);
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

#[test]
fn a_theme_is_tried_on_by_those_who_may_choose_it() {
    let site = filled();
    let fields = "email=owner%40example.org&password=a+password+of+the+owner&to=%2Fadmin";
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let entered = site
        .anyone()
        .send("POST", "/sign-in", &headers, Some(fields.as_bytes()))
        .expect(303);
    let cookie = entered
        .header("set-cookie")
        .expect("a cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let look = |path: &str, cookie: &str| {
        let answer = site
            .anyone()
            .send("GET", path, &[("cookie", cookie)], None)
            .expect(200);
        let theme = attribute(&Html::parse_document(&answer.body), "html", "data-theme");
        let keeps = answer.header("cache-control").unwrap().to_owned();
        let policy = answer.header("content-security-policy").unwrap();
        (
            theme.unwrap(),
            keeps,
            policy.contains("frame-ancestors 'self'"),
        )
    };
    let fresh = "public, max-age=0, must-revalidate";
    for path in [
        "/?theme=plain",
        "/post-1?theme=plain",
        "/search?q=x&theme=plain",
        "/archive?theme=plain",
    ] {
        assert_eq!(
            look(path, &cookie),
            ("plain".into(), "private, no-store".into(), true),
            "{path}"
        );
        assert_eq!(
            look(path, "a=b"),
            ("default".into(), fresh.into(), false),
            "{path}"
        );
    }
    for path in ["/?theme=../x", "/?theme=", "/"] {
        assert_eq!(
            look(path, &cookie),
            ("default".into(), fresh.into(), false),
            "{path}"
        );
    }
}
