//! Reading and changing the site's settings.

use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::settings::{POSTS_PER_PAGE_LIMIT, Settings};
use crate::store;

use super::{App, Error, FieldError, require};

pub fn read(app: &App) -> Result<Settings, Error> {
    Ok(app.db.read(store::settings::read)?)
}

pub fn change(app: &App, actor: &Actor, settings: &Settings) -> Result<(), Error> {
    require(actor, Act::ManageSettings)?;
    check(settings)?;
    app.db.write(|tx| {
        store::settings::write(tx, settings)?;
        tx.record(Change::visible(Noun::Settings, 0, Verb::Updated));
        Ok(())
    })
}

fn check(settings: &Settings) -> Result<(), Error> {
    let mut errors = Vec::new();
    let mut refuse = |field, message: String| errors.push(FieldError { field, message });
    if settings.title.as_str().is_empty() {
        refuse("title", "Give the site a title".to_owned());
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
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}
