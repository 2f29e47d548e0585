//! What the site tells machines besides feeds: who may read what, where everything is, and the texts as
//! their authors wrote them.

use std::fmt::Write as _;

use crate::domain::id::PostId;
use crate::domain::post::{Kind, Status, Summary};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::time::Timestamp;
use crate::render::sitemap::{self, Place};
use crate::store;

use super::feeds::address;
use super::{App, Error};

/// What the sitemaps' standard allows in one file.
const PLACES_A_FILE: u32 = 50_000;
/// Left free in the first file for the home page, lists of tags and the like.
const LISTS_A_FILE: usize = 5_000;
const LLMS_POSTS: u32 = 200;
const SECURITY_DAYS: i64 = 365;
const DAY_SECONDS: i64 = 86_400;
/// Programs that collect texts to train models on, by the names they answer to.
const TRAINERS: [&str; 15] = [
    "AI2Bot",
    "Amazonbot",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ClaudeBot",
    "cohere-training-data-crawler",
    "Diffbot",
    "FacebookBot",
    "Google-Extended",
    "GPTBot",
    "ImagesiftBot",
    "meta-externalagent",
    "omgili",
    "PanguBot",
];

/// `/robots.txt`: the owner's, or a preset that welcomes all but who trains models.
pub fn robots(app: &App, base_url: &str) -> Result<String, Error> {
    let settings = super::settings::read(app)?;
    Ok(settings
        .robots_txt
        .unwrap_or_else(|| robots_preset(base_url)))
}

fn robots_preset(base_url: &str) -> String {
    let mut text =
        String::from("# Texts here are for people, and for those who lead people to them.\n");
    for name in TRAINERS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "User-agent: {name}");
    }
    text.push_str("Disallow: /\n\nUser-agent: *\n");
    for path in ["/admin", "/api/", "/preview/", "/search", "/sign-in"] {
        let _ = writeln!(text, "Disallow: {path}");
    }
    let _ = writeln!(text, "\nSitemap: {base_url}/sitemap.xml");
    text
}

/// `/sitemap.xml`: every public address, or where the parts of that list are.
pub fn sitemap(app: &App, base_url: &str) -> Result<String, Error> {
    let begins = app.db.read(|tx| -> Result<_, Error> {
        let mut begins = vec![PostId::from_i64(0)];
        while let Some(last) = begins.last() {
            let part = store::timeline::listed_ids_after(tx, *last, PLACES_A_FILE)?;
            match part.last() {
                Some(next) if part.len() == PLACES_A_FILE as usize => begins.push(*next),
                _ => break,
            }
        }
        Ok(begins)
    })?;
    let lists = lists(app, base_url)?;
    if let [only] = begins[..] {
        let posts = posts_after(app, only, base_url)?;
        if posts.len() + lists.len() <= PLACES_A_FILE as usize {
            let places: Vec<Place> = lists.into_iter().chain(posts).collect();
            return sitemap::places(&places).map_err(Error::internal);
        }
    }
    let parts = begins
        .iter()
        .map(|begin| format!("{base_url}/sitemap-{begin}.xml"));
    let parts: Vec<String> = std::iter::once(format!("{base_url}/sitemap-lists.xml"))
        .chain(parts)
        .collect();
    sitemap::index(&parts).map_err(Error::internal)
}

/// A part of the sitemap: the lists, or the posts after the one it is named for.
pub fn sitemap_part(app: &App, name: &str, base_url: &str) -> Result<String, Error> {
    let places = match name {
        "lists" => lists(app, base_url)?,
        number => {
            let begin: i64 = number.parse().map_err(|_| Error::NotFound)?;
            let posts = posts_after(app, PostId::from_i64(begin), base_url)?;
            if posts.is_empty() || begin < 0 || begin.to_string() != number {
                return Err(Error::NotFound);
            }
            posts
        }
    };
    sitemap::places(&places).map_err(Error::internal)
}

fn posts_after(app: &App, after: PostId, base_url: &str) -> Result<Vec<Place>, Error> {
    let found = app
        .db
        .read(|tx| store::timeline::addresses_after(tx, after, PLACES_A_FILE))?;
    let place = |(slug, changed): (Slug, Timestamp)| Place {
        url: address(base_url, &format!("/{slug}")),
        changed: Some(changed),
    };
    Ok(found.into_iter().map(place).collect())
}

fn lists(app: &App, base_url: &str) -> Result<Vec<Place>, Error> {
    let (tags, people) = app.db.read(|tx| -> Result<_, Error> {
        let mut people = Vec::new();
        for user in store::users::all(tx)? {
            if store::timeline::count_by_author(tx, user.id)? > 0 {
                people.push(user.slug);
            }
        }
        Ok((store::tags::all(tx)?, people))
    })?;
    let tags = tags.into_iter().filter(|(_, count)| *count > 0);
    let tags = tags.map(|(tag, _)| format!("/tag/{}", tag.slug));
    let people = people.into_iter().map(|slug| format!("/author/{slug}"));
    let fixed = ["/", "/archive"].map(str::to_owned).into_iter();
    let place = |path: String| Place {
        url: address(base_url, &path),
        changed: None,
    };
    Ok(fixed
        .chain(people)
        .chain(tags)
        .take(LISTS_A_FILE)
        .map(place)
        .collect())
}

/// `/llms.txt`: what is here, for language models that look something up for somebody.
pub fn llms(app: &App, base_url: &str) -> Result<String, Error> {
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        if !settings.llms_txt {
            return Err(Error::NotFound);
        }
        let mut text = format!("# {}\n", settings.title);
        if !settings.description.is_empty() {
            let _ = write!(text, "\n> {}\n", settings.description);
        }
        let pages = store::timeline::desk(tx, Kind::Page, Status::Published, None, LLMS_POSTS, 0)?;
        let posts = store::timeline::published(tx, LLMS_POSTS, 0)?;
        for (heading, found) in [("Pages", pages), ("Posts", posts)] {
            if found.is_empty() {
                continue;
            }
            let _ = write!(text, "\n## {heading}\n\n");
            for post in found {
                let _ = writeln!(text, "{}", llms_line(&post, &settings, base_url));
            }
        }
        let _ = write!(
            text,
            "\n## Optional\n\n- [Archive]({base_url}/archive): every post by month\n\
             - [Atom feed]({base_url}/atom.xml): the newest posts, whole\n"
        );
        Ok(text)
    })
}

fn llms_line(post: &Summary, settings: &Settings, base_url: &str) -> String {
    let ending = if settings.markdown_pages { ".md" } else { "" };
    let title = post.title.as_str().replace(['[', ']'], "");
    let url = address(base_url, &format!("/{}{ending}", post.slug));
    match &post.excerpt {
        Some(excerpt) => format!("- [{title}]({url}): {}", excerpt.replace('\n', " ")),
        None => format!("- [{title}]({url})"),
    }
}

/// A post as its author wrote it, under its title.
#[derive(Debug)]
pub struct Markdown {
    pub text: String,
    pub page_url: String,
}

/// `/{slug}.md`, for posts that anyone may read.
pub fn markdown(app: &App, slug: &str, base_url: &str) -> Result<Markdown, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        let post = store::posts::by_slug(tx, &slug)?;
        let post = post.filter(|post| settings.markdown_pages && post.status.is_readable());
        let post = post.ok_or(Error::NotFound)?;
        Ok(Markdown {
            text: format!(
                "# {}\n\n{}\n",
                post.content.title,
                post.content.markdown.trim_end()
            ),
            page_url: address(base_url, &format!("/{slug}")),
        })
    })
}

/// `/.well-known/security.txt` (RFC 9116), where somebody is to be told.
pub fn security(app: &App, base_url: &str) -> Result<String, Error> {
    let settings = super::settings::read(app)?;
    let contact = settings.security_contact.ok_or(Error::NotFound)?;
    let now = app.db.clock().now().as_seconds();
    let expires = (now / DAY_SECONDS + SECURITY_DAYS) * DAY_SECONDS;
    let expires = jiff::Timestamp::from_second(expires).map_err(Error::internal)?;
    Ok(format!(
        "Contact: {contact}\nExpires: {expires}\nCanonical: {base_url}/.well-known/security.txt\n\
         Preferred-Languages: {}\n",
        settings.language
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_preset_names_who_is_not_welcome() {
        insta::assert_snapshot!(super::robots_preset("https://blog.test"));
    }
}
