//! The library: looking through it, and the words about a file.

use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::MediaId;
use crate::domain::media::Media;
use crate::domain::place::{Place, Stretch};
use crate::store;
use crate::store::media::Sought;

use super::super::{App, Error, FieldError, require};
use super::{MAX_ALT_CHARS, MAX_CAPTION_CHARS, MAX_NAME_CHARS, shown_name, words};

/// Files, the newest first.
pub fn older(
    app: &App,
    actor: &Actor,
    sought: Sought<'_>,
    after: Place,
    limit: u32,
) -> Result<Stretch<Media>, Error> {
    require(actor, Act::SeeMedia)?;
    let sought = Sought {
        words: sought.words.trim(),
        ..sought
    };
    let before = MediaId::from_i64(after.id);
    let found = app
        .db
        .read(|tx| store::media::older(tx, sought, before, limit + 1))?;
    let place = |media: &Media| Place::behind_id(media.id.as_i64());
    Ok(Stretch::of(found, limit, place))
}

/// The words about a file. `None` leaves them as they are.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub name: Option<String>,
    pub alt: Option<String>,
    pub caption: Option<String>,
}

impl Wording {
    fn lay_over(self, media: Media) -> Result<Media, Error> {
        let mut wrong = Vec::new();
        let mut laid = |field, wish: Option<String>, before: &str, max_chars| {
            let wish = wish.map(|wish| words(field, &wish, max_chars));
            wish.unwrap_or_else(|| Ok(before.to_owned()))
                .unwrap_or_else(|error| {
                    if let Error::Invalid(fields) = error {
                        wrong.extend(fields);
                    }
                    String::new()
                })
        };
        let is_named = self.name.is_some();
        let name = laid("name", self.name, &media.name, MAX_NAME_CHARS);
        let alt = laid("alt", self.alt, &media.alt, MAX_ALT_CHARS);
        let caption = laid("caption", self.caption, &media.caption, MAX_CAPTION_CHARS);
        let name = shown_name(&name);
        if wrong.is_empty() && is_named && name.is_empty() {
            wrong.push(FieldError {
                field: "name",
                message: "A name is needed".to_owned(),
            });
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Media {
            name,
            alt,
            caption,
            ..media
        })
    }
}

/// Changes the words about a file, as `decide` says of what it is now.
pub fn change(
    app: &App,
    actor: &Actor,
    id: MediaId,
    decide: impl FnOnce(&Media) -> Result<Wording, Error>,
) -> Result<Media, Error> {
    app.db.write(|tx| {
        let media = store::media::by_id(tx, id)?.ok_or(Error::NotFound)?;
        require(actor, Act::ChangeMedia(&media))?;
        let described = decide(&media)?.lay_over(media.clone())?;
        if described == media {
            tx.quiet("nothing was changed");
            return Ok(media);
        }
        store::media::update(tx, &described)?;
        // Texts have words of their own; these are for whoever puts it into one next.
        tx.record(Change::hidden(Noun::Media, id.as_i64(), Verb::Updated));
        Ok(described)
    })
}
