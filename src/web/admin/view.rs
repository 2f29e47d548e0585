//! What the templates of the writing room are given besides their own: the frame around each page,
//! moments as people write them, the words for where a post stands.

use jiff::tz::TimeZone;
use minijinja::Value;
use serde::Serialize;

use crate::app;
use crate::domain::actor::{Act, Actor};
use crate::domain::post::Status;
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::domain::token::Scope;
use crate::domain::user::{Role, User};
use crate::web::state::Site;

/// A moment for machines and for people, in the site's time zone.
#[derive(Debug, Serialize)]
pub(super) struct Moment {
    iso: String,
    text: String,
}

impl Moment {
    pub(super) fn new(time: Timestamp, settings: &Settings) -> Option<Self> {
        let moment = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
        let moment = moment.to_zoned(zone(settings));
        Some(Self {
            iso: moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            text: moment.strftime("%-d %B %Y, %H:%M").to_string(),
        })
    }
}

/// The site's time zone.
pub(super) fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC)
}

/// What a role is called, and what it may do, in one line.
pub(super) fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Owner => ("Owner", "may do everything"),
        Role::Admin => ("Admin", "also looks after settings, looks and people"),
        Role::Editor => ("Editor", "changes and publishes everybody’s texts"),
        Role::Author => ("Author", "writes and publishes"),
        Role::Contributor => ("Contributor", "writes drafts; others publish them"),
    }
}

/// What a scope allows, in words for people.
pub(super) const fn allows(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read drafts",
        Scope::Write => "write and publish",
        Scope::Admin => "settings and people",
        Scope::Create => "make posts and publish them",
        Scope::Draft => "make drafts",
        Scope::Update => "change posts",
        Scope::Delete => "put posts into the trash",
        Scope::Undelete => "take posts out of the trash",
        Scope::Media => "upload files",
        Scope::Profile => "know your name and address",
        Scope::Email => "know your e-mail address",
    }
}

/// The word for a post's standing.
pub(super) fn standing(status: Status) -> &'static str {
    match status {
        Status::Draft => "Draft",
        Status::Scheduled => "Scheduled",
        Status::Published => "Published",
        Status::Unlisted => "Unlisted",
        Status::Private => "Private",
        Status::Trashed => "In the trash",
    }
}

/// Makes a page from a template and `content`, which is what the page itself is about.
pub(super) fn render(
    site: &Site,
    template: &str,
    settings: &Settings,
    user: Option<&User>,
    content: &impl Serialize,
) -> Result<String, app::Error> {
    let frame = minijinja::context! {
        site_title => settings.title.as_str(),
        site_language => settings.language.as_str(),
        user => user.map(|user| user.name.as_str()),
        may_dress => user.is_some_and(|user| {
            Actor::signed_in(user.id, user.role, "").may(Act::ManageSettings)
        }),
        may_upload => user.is_some_and(|user| {
            Actor::signed_in(user.id, user.role, "").may(Act::UploadMedia)
        }),
        may_invite => user.is_some_and(|user| {
            Actor::signed_in(user.id, user.role, "").may(Act::ManageUsers)
        }),
        page => Value::from(minijinja::value::Serde(content)),
    };
    site.themes.render_admin(template, frame)
}
