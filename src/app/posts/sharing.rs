//! What ties a post to others or shows it to others: preview links, and translations of each other. A
//! child of `posts`, whose checks it shares.

use crate::db::WriteTx;
use crate::domain::actor::Actor;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::Post;
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{App, Error, secrets};
use super::{audit, for_editing, may_see, site_language};

pub const DEFAULT_PREVIEW_HOURS: u32 = 7 * 24;
pub const MAX_PREVIEW_HOURS: u32 = 90 * 24;
const HOUR_SECONDS: i64 = 3_600;
/// Posts that say the same in different languages.
const MAX_TRANSLATIONS: usize = 100;

/// A link that shows a post to whoever has it. The secret is told once and cannot be read again.
#[derive(Debug, Clone)]
pub struct PreviewLink {
    pub secret: String,
    pub expires_at: Timestamp,
}

impl PreviewLink {
    pub fn path(&self) -> String {
        format!("/preview/{}", self.secret)
    }
}

/// Makes a link that shows the post as it would be published, until the hours have passed.
pub fn share(app: &App, actor: &Actor, id: PostId, hours: u32) -> Result<PreviewLink, Error> {
    if !(1..=MAX_PREVIEW_HOURS).contains(&hours) {
        return Err(Error::invalid(
            "hours",
            format!("Choose between 1 and {MAX_PREVIEW_HOURS} hours"),
        ));
    }
    let secret = secrets::new_secret()?;
    let digest = secrets::digest(&secret);
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let expires_at = tx.now().plus_seconds(i64::from(hours) * HOUR_SECONDS);
        store::previews::insert(tx, id, &digest, actor.user(), expires_at)?;
        audit(tx, actor, "post.share", &post)?;
        tx.record(Change::hidden(Noun::Post, id.as_i64(), Verb::Updated));
        Ok(PreviewLink {
            secret: secret.clone(),
            expires_at,
        })
    })
}

/// Ends every preview link of a post; says how many there were.
pub fn unshare(app: &App, actor: &Actor, id: PostId) -> Result<u64, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let ended = store::previews::delete_of_post(tx, id)?;
        audit(tx, actor, "post.unshare", &post)?;
        tx.record(Change::hidden(Noun::Post, id.as_i64(), Verb::Updated));
        Ok(ended)
    })
}

/// Says that a post is a translation of `other` (and of what that is one of); with `None`, that it
/// stands alone.
pub fn translate(
    app: &App,
    actor: &Actor,
    id: PostId,
    other: Option<PostId>,
) -> Result<Vec<PostId>, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let changed = match other {
            None => leave(tx, id)?,
            Some(other) => {
                let other = for_editing(tx, actor, other).map_err(|error| match error {
                    Error::NotFound => Error::invalid("translation_of", "There is no such post"),
                    other => other,
                })?;
                join(tx, &post, &other)?
            }
        };
        if changed {
            // The pages of all of them name each other.
            tx.record(Change::visible(Noun::Post, id.as_i64(), Verb::Updated));
        } else {
            tx.quiet("nothing was changed");
        }
        translations_in(tx, id)
    })
}

/// The other posts that say the same in other languages, whether readers see them or not.
pub fn translations(app: &App, actor: &Actor, id: PostId) -> Result<Vec<PostId>, Error> {
    app.db.read(|tx| {
        let post = store::posts::by_id(tx, id)?.ok_or(Error::NotFound)?;
        may_see(actor, &post)?;
        translations_in(tx, id)
    })
}

pub(super) fn translations_in(
    tx: &mut crate::db::ReadTx<'_>,
    id: PostId,
) -> Result<Vec<PostId>, Error> {
    let mut others = match store::translations::group_of(tx, id)? {
        Some(group) => store::translations::members(tx, group)?,
        None => Vec::new(),
    };
    others.retain(|other| *other != id);
    Ok(others)
}

fn leave(tx: &mut WriteTx<'_>, id: PostId) -> Result<bool, Error> {
    let others = translations_in(tx, id)?;
    let left = store::translations::leave(tx, id)?;
    // Nobody is a translation of oneself.
    if let [last] = others[..] {
        store::translations::leave(tx, last)?;
    }
    Ok(left)
}

/// Makes one group of the post, the other, and the translations that each of them has.
fn join(tx: &mut WriteTx<'_>, post: &Post, other: &Post) -> Result<bool, Error> {
    if post.id == other.id {
        return Err(Error::invalid(
            "translation_of",
            "A post is no translation of itself; name another",
        ));
    }
    let mine = store::translations::group_of(tx, post.id)?;
    let theirs = store::translations::group_of(tx, other.id)?;
    if theirs.is_some() && theirs == mine {
        return Ok(false);
    }
    let staying = with_translations(tx, other)?;
    let coming = with_translations(tx, post)?;
    if staying.len() + coming.len() > MAX_TRANSLATIONS {
        return Err(Error::invalid(
            "translation_of",
            format!("At most {MAX_TRANSLATIONS} posts can be translations of each other"),
        ));
    }
    let site = site_language(tx)?;
    for post in &coming {
        refuse_twin("translation_of", post, &staying, &site)?;
    }
    // A number of its own: one made of a post's would be met again when that post has left.
    let group = theirs.or(mine).unwrap_or_else(|| tx.new_id());
    for member in staying.iter().chain(&coming) {
        store::translations::join(tx, member.id, group)?;
    }
    Ok(true)
}

/// A post that is among translations keeps to a language that none of the others has.
pub(super) fn refuse_second_of_language(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), Error> {
    let others = with_translations(tx, post)?;
    let site = site_language(tx)?;
    refuse_twin("language", post, &others, &site)
}

fn refuse_twin(
    field: &'static str,
    post: &Post,
    others: &[Post],
    site: &Language,
) -> Result<(), Error> {
    let language = language_of(post, site);
    let is_twin = |other: &&Post| other.id != post.id && language_of(other, site) == language;
    match others.iter().find(is_twin) {
        None => Ok(()),
        Some(twin) => Err(Error::invalid(
            field,
            format!(
                "Translations of each other differ in language, and “{}” is in {language}, too; \
                 set the language of one, or let it stand alone",
                twin.content.title
            ),
        )),
    }
}

/// The post itself and its translations.
fn with_translations(tx: &mut WriteTx<'_>, post: &Post) -> Result<Vec<Post>, Error> {
    let mut all = vec![post.clone()];
    for id in translations_in(tx, post.id)? {
        all.extend(store::posts::by_id(tx, id)?);
    }
    Ok(all)
}

fn language_of<'a>(post: &'a Post, site: &'a Language) -> &'a Language {
    post.content.language.as_ref().unwrap_or(site)
}
