//! What else a reader of a post may like, and the same post in other languages.

use std::collections::HashMap;

use crate::db::ReadTx;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::{Kind, Post, Summary};
use crate::domain::settings::Settings;
use crate::domain::tag::Tag;
use crate::search::Request;
use crate::store;

use super::super::{App, Error};
use super::lists::{Teaser, teaser};

const RELATED_POSTS: usize = 3;
/// Tags that are looked at, in the author's order.
const MAX_TAGS: usize = 8;
/// The newest posts of each tag that are weighed.
const POSTS_A_TAG: u32 = 40;
/// Words of the title that are searched for.
const MAX_WORDS: usize = 8;
/// Shorter words say little.
const MIN_WORD_CHARS: usize = 4;

/// Up to three published posts: those that share tags, a rare tag counting more; then what the search
/// finds for the words of the title.
pub(super) fn related(
    app: &App,
    tx: &mut ReadTx<'_>,
    post: &Post,
    tags: &[Tag],
    settings: &Settings,
) -> Result<Vec<Teaser>, Error> {
    let language = post.content.language.as_ref();
    let language = language.unwrap_or(&settings.language);
    let mut chosen: Vec<Summary> = by_tags(tx, post.id, tags)?;
    if chosen.len() < RELATED_POSTS {
        for found in by_words(app, tx, post, language)? {
            if found.id != post.id && chosen.iter().all(|other| other.id != found.id) {
                chosen.push(found);
            }
        }
    }
    chosen.truncate(RELATED_POSTS);
    chosen
        .into_iter()
        .map(|summary| teaser(tx, settings, summary))
        .collect()
}

fn by_tags(tx: &mut ReadTx<'_>, post: PostId, tags: &[Tag]) -> Result<Vec<Summary>, Error> {
    let mut weighed: HashMap<PostId, (u32, Summary)> = HashMap::new();
    for tag in tags.iter().take(MAX_TAGS) {
        let found = store::timeline::tagged(tx, tag.id, POSTS_A_TAG, 0)?;
        // From 40 for a tag that only one other post has, down to 1 for one that is everywhere.
        let rarity = POSTS_A_TAG / u32::try_from(found.len()).unwrap_or(POSTS_A_TAG).max(1);
        for summary in found.into_iter().filter(|found| found.id != post) {
            let (weight, _) = weighed.entry(summary.id).or_insert((0, summary));
            *weight += rarity.max(1);
        }
    }
    let mut weighed: Vec<_> = weighed.into_values().collect();
    weighed.sort_by_key(|(weight, post)| std::cmp::Reverse((*weight, post.published_at, post.id)));
    Ok(weighed
        .into_iter()
        .map(|(_, post)| post)
        .take(RELATED_POSTS)
        .collect())
}

fn by_words(
    app: &App,
    tx: &mut ReadTx<'_>,
    post: &Post,
    language: &Language,
) -> Result<Vec<Summary>, Error> {
    let title = post.content.title.as_str();
    let words = title
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= MIN_WORD_CHARS || !word.is_ascii());
    let mut found = Vec::new();
    for word in words.filter(|word| !word.is_empty()).take(MAX_WORDS) {
        let hits = app.index.search(&Request {
            query: word,
            language: Some(language),
            prefix: false,
            limit: RELATED_POSTS + 1,
            offset: 0,
            now: app.db.clock().now(),
        });
        found.extend(hits.posts);
        if found.len() > RELATED_POSTS * 2 {
            break;
        }
    }
    let mut known = store::timeline::among(tx, &found)?;
    known.retain(|post| post.kind == Kind::Post);
    Ok(known)
}

/// The readable posts that say the same in other languages.
pub(super) fn translations(tx: &mut ReadTx<'_>, post: PostId) -> Result<Vec<Summary>, Error> {
    let Some(group) = store::translations::group_of(tx, post)? else {
        return Ok(Vec::new());
    };
    let mut others = store::translations::members(tx, group)?;
    others.retain(|other| *other != post);
    Ok(store::timeline::among(tx, &others)?)
}
