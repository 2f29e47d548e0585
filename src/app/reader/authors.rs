//! Those who have written what readers find, and the site in figures.

use crate::domain::id::UserId;
use crate::domain::place::{Place, Stretch};
use crate::domain::post::Kind;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::user::User;
use crate::store;

use super::super::{App, Error};

/// Those who have published something, with how many posts; the newest here first.
pub fn authors(app: &App, after: Place, limit: u32) -> Result<Stretch<(User, u64)>, Error> {
    let before = UserId::from_i64(after.id);
    let found = app
        .db
        .read(|tx| store::users::older_authors(tx, before, limit + 1))?;
    let place = |(user, _): &(User, u64)| Place::behind_id(user.id.as_i64());
    Ok(Stretch::of(found, limit, place))
}

/// One of them, by the name in addresses.
pub fn author_named(app: &App, slug: &str) -> Result<(User, u64), Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    app.db.read(|tx| {
        let author = store::users::by_slug(tx, &slug)?.ok_or(Error::NotFound)?;
        match store::timeline::count_by_author(tx, author.id)? {
            0 => Err(Error::NotFound),
            posts => Ok((author, posts)),
        }
    })
}

/// How much of everything readers find.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub posts: u64,
    pub pages: u64,
    pub tags: u64,
    pub authors: u64,
}

/// What the site says of itself, and how much there is of it.
pub fn site(app: &App) -> Result<(Settings, Figures), Error> {
    app.db.read(|tx| {
        let figures = Figures {
            posts: store::timeline::count_published(tx, Kind::Post)?,
            pages: store::timeline::count_published(tx, Kind::Page)?,
            tags: store::tags::count_listed(tx)?,
            authors: store::users::count_authors(tx)?,
        };
        Ok((store::settings::read(tx)?, figures))
    })
}
