//! Reading and changing the site's settings.

use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::settings::{
    MAX_CODE_BYTES, MAX_CUSTOM_CSS_BYTES, MAX_DESCRIPTION_CHARS, MAX_LINKS, MAX_ROBOTS_BYTES,
    POSTS_PER_PAGE_LIMIT, Settings,
};
use crate::store;

use super::{App, Error, FieldError, accounts, require};

pub fn read(app: &App) -> Result<Settings, Error> {
    Ok(app.db.read(store::settings::read)?)
}

/// All of them, for whoever manages them.
pub fn show(app: &App, actor: &Actor) -> Result<Settings, Error> {
    require(actor, Act::ManageSettings)?;
    read(app)
}

pub fn change(app: &App, actor: &Actor, settings: &Settings) -> Result<(), Error> {
    rewrite(app, actor, |_| Ok(settings.clone())).map(drop)
}

/// Writes them anew, as `decide` says of what they are now.
pub fn rewrite(
    app: &App,
    actor: &Actor,
    decide: impl FnOnce(&Settings) -> Result<Settings, Error>,
) -> Result<Settings, Error> {
    require(actor, Act::ManageSettings)?;
    app.db.write(|tx| {
        let before = store::settings::read(tx)?;
        let settings = decide(&before)?;
        check(&settings)?;
        if settings == before {
            tx.quiet("nothing was changed");
            return Ok(before);
        }
        store::settings::write(tx, &settings)?;
        accounts::audit(tx, actor, "settings.change", Noun::Settings, 0, "")?;
        tx.record(Change::visible(Noun::Settings, 0, Verb::Updated));
        Ok(settings)
    })
}

/// Whether a site can be set so.
pub fn check(settings: &Settings) -> Result<(), Error> {
    let mut errors = Vec::new();
    let mut refuse = |field, message: String| errors.push(FieldError { field, message });
    if settings.title.as_str().is_empty() {
        refuse("title", "Give the site a title".to_owned());
    }
    if settings.description.chars().count() > MAX_DESCRIPTION_CHARS {
        refuse(
            "description",
            format!("Shorten this to {MAX_DESCRIPTION_CHARS} characters"),
        );
    }
    if !(1..=POSTS_PER_PAGE_LIMIT).contains(&settings.posts_per_page) {
        refuse(
            "posts_per_page",
            format!("Choose between 1 and {POSTS_PER_PAGE_LIMIT} posts a page"),
        );
    }
    if jiff::tz::TimeZone::get(&settings.time_zone).is_err() {
        refuse(
            "time_zone",
            format!(
                "“{}” is not a time zone; write one like Europe/Lisbon",
                settings.time_zone
            ),
        );
    }
    let lists = [
        ("navigation", &settings.navigation),
        ("footer_links", &settings.footer_links),
        ("social_links", &settings.social_links),
    ];
    for (field, links) in lists {
        if links.len() > MAX_LINKS {
            refuse(field, format!("Keep to {MAX_LINKS} links"));
        }
    }
    let robots_txt = settings.robots_txt.as_deref().unwrap_or_default();
    let texts = [
        ("custom_css", &*settings.custom_css, MAX_CUSTOM_CSS_BYTES),
        ("code_head", &settings.code_head, MAX_CODE_BYTES),
        ("code_foot", &settings.code_foot, MAX_CODE_BYTES),
        ("robots_txt", robots_txt, MAX_ROBOTS_BYTES),
    ];
    for (field, text, limit_bytes) in texts {
        if text.len() > limit_bytes {
            refuse(field, format!("Shorten this to {limit_bytes} bytes"));
        }
    }
    let contact = settings.security_contact.as_deref();
    if contact.is_some_and(|contact| !is_contact(contact)) {
        refuse(
            "security_contact",
            "Write mailto:security@example.org or https://…".to_owned(),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// What `security.txt` may name: an address that can be written to or read, on one line.
fn is_contact(text: &str) -> bool {
    let known = text.starts_with("mailto:") || text.starts_with("https://");
    known && !text.contains(|letter: char| letter.is_control() || letter.is_whitespace())
}
