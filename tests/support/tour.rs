//! A site with one of everything a reader can meet, and the addresses of its kinds of page.

use serde_json::json;

use super::site::{Site, eventually};

/// What a text may hold, so that a checker meets all of it.
const MARKDOWN: &str = include_str!("../fixtures/documents/everything.md");
const ARABIC: &str = include_str!("../fixtures/documents/arabic.md");
pub(crate) const THEMES: [&str; 3] = ["default", "magazine", "plain"];

pub(crate) struct Tour {
    pub(crate) site: Site,
    /// Each kind of page once.
    pub(crate) paths: Vec<String>,
}

impl Tour {
    pub(crate) fn prepare() -> Self {
        let site = Site::start_with(&["--set", "limits.connections_per_address=500"]);
        let owner = site.owner();
        let post = |title: &str, markdown: &str, more: serde_json::Value| {
            let mut form = json!({ "title": title, "markdown": markdown, "status": "published" });
            for (name, value) in more.as_object().into_iter().flatten() {
                form[name] = value.clone();
            }
            let answer = owner.ask("POST", "/api/v1/posts", &form);
            answer.expect(201).json()
        };
        for number in 1..=11 {
            let title = format!("Leaf number {number}");
            post(&title, "A leaf, and no more.", json!({ "tags": ["Leaves"] }));
        }
        let arabic = post(
            "رسالة من المنارة",
            ARABIC,
            json!({ "tags": ["Letters"], "language": "ar" }),
        );
        let main = post(
            "Of many things",
            MARKDOWN,
            json!({ "tags": ["Leaves", "Letters"], "excerpt": "Of this & <that>." }),
        );
        post("Colophon", "Set by hand.", json!({ "kind": "page" }));
        eventually("the search knows the posts", || {
            let found = site.anyone().get("/api/v1/search?q=leaf").json();
            (found["total"].as_u64() >= Some(11)).then_some(())
        });
        let id = main["id"].to_string();
        let link = site.inkstand(&["post", "preview", id.trim_matches('"')]).ok();
        let (_, preview) = link.split_once("/preview/").expect("a preview link");
        let paths = [
            "/",
            "/page/2",
            "/of-many-things",
            "/colophon",
            "/tag/leaves",
            "/author/olive-owner",
            "/archive",
            "/search",
            "/search?q=leaf",
            "/nothing-here",
        ];
        let mut paths: Vec<String> = paths.map(str::to_owned).into();
        let arabic = arabic["slug"].as_str().expect("a slug");
        paths.extend([format!("/{arabic}"), format!("/preview/{}", preview.trim())]);
        Self { site, paths }
    }

    /// Chooses a theme, as the owner does from the shell.
    pub(crate) fn dress(&self, theme: &str) {
        self.site.inkstand(&["settings", "set", "theme", theme]).ok();
        let own = format!("data-theme=\"{theme}\"");
        eventually("the site wears the theme", || {
            self.site.anyone().get("/").body.contains(&own).then_some(())
        });
    }
}
