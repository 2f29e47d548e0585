//! What ties a post to others or shows it to others: preview links, and translations of each other. A
//! child of `posts`, whose checks it shares.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::Post;
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{App, Error, require, secrets};
use super::{audit, for_editing, may_see, site_language};

pub const DEFAULT_PREVIEW_HOURS: u32 = 7 * 24;
pub const MAX_PREVIEW_HOURS: u32 = 90 * 24;
const HOUR_SECONDS: i64 = 3_600;

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
                let other = for_editing(tx, actor, other)?;
                require(actor, Act::EditPost(&other))?;
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

fn translations_in(tx: &mut crate::db::ReadTx<'_>, id: PostId) -> Result<Vec<PostId>, Error> {
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

/// Moves the post to the other's group. Its own former translations stay behind.
fn join(tx: &mut WriteTx<'_>, post: &Post, other: &Post) -> Result<bool, Error> {
    if post.id == other.id {
        return Err(Error::invalid(
            "translation_of",
            "A post is no translation of itself; name another",
        ));
    }
    let group = store::translations::group_of(tx, other.id)?;
    if group.is_some() && group == store::translations::group_of(tx, post.id)? {
        return Ok(false);
    }
    let site = site_language(tx)?;
    let language = language_of(post, &site);
    let mut members = match group {
        Some(group) => store::translations::members(tx, group)?,
        None => vec![other.id],
    };
    members.retain(|member| *member != post.id);
    for member in members {
        let member = store::posts::by_id(tx, member)?.ok_or(Error::NotFound)?;
        if language_of(&member, &site) == language {
            return Err(Error::invalid(
                "translation_of",
                format!(
                    "“{}” is in {language}, too; set the languages of the two first",
                    member.content.title
                ),
            ));
        }
    }
    leave(tx, post.id)?;
    let group = group.unwrap_or_else(|| other.id.as_i64());
    store::translations::join(tx, other.id, group)?;
    store::translations::join(tx, post.id, group)?;
    Ok(true)
}

fn language_of<'a>(post: &'a Post, site: &'a Language) -> &'a Language {
    post.content.language.as_ref().unwrap_or(site)
}
