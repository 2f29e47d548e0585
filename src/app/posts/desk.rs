//! What lies on somebody's desk: posts by where they stand, by tag, and by what they say. A child of
//! `posts`.

use std::collections::HashSet;

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::id::{PostId, TagId, UserId};
use crate::domain::post::{Kind, Post, Status, Summary};
use crate::domain::slug::Slug;
use crate::search::fold;
use crate::store;

use super::super::{App, Error, require};
use super::may_see;

/// Posts looked at in one step while something is looked for in them.
const BATCH_POSTS: u32 = 500;
/// Deeper nobody turns pages.
const MAX_FOUND: u32 = 10_000;

/// What is wanted of the desk.
#[derive(Debug, Clone)]
pub struct Wish {
    pub kind: Kind,
    /// `None`: wherever it stands, except in the trash.
    pub status: Option<Status>,
    pub tag: Option<TagId>,
    /// Words that title or text have, whatever their letter case.
    pub words: String,
    pub limit: u32,
    pub offset: u32,
}

/// The post that a word names: its number, or its name in addresses.
pub fn find(app: &App, actor: &Actor, word: &str) -> Result<Post, Error> {
    let word = word.trim_start_matches('/');
    let found = app.db.read(|tx| -> Result<_, Error> {
        if let Ok(number) = word.parse()
            && let Some(post) = store::posts::by_id(tx, PostId::from_i64(number))?
        {
            return Ok(Some(post));
        }
        // A name may be a number, too, like that of a year.
        match Slug::parse(word) {
            Ok(slug) => Ok(store::posts::by_slug(tx, &slug)?),
            Err(_) => Ok(None),
        }
    })?;
    let post = found.ok_or(Error::NotFound)?;
    may_see(actor, &post)?;
    Ok(post)
}

/// Posts that the actor may see, last edited first.
pub fn desk(app: &App, actor: &Actor, wish: &Wish) -> Result<Vec<Summary>, Error> {
    let author = match actor.user() {
        _ if actor.may(Act::SeeEverything) => None,
        Some(user) => {
            require(actor, Act::SeeOwn)?;
            Some(user)
        }
        None => return Err(Error::Forbidden),
    };
    let words: Vec<String> = wish.words.split_whitespace().map(fold).collect();
    app.db.read(|tx| {
        if let (Some(status), None, true) = (wish.status, wish.tag, words.is_empty()) {
            let (limit, offset) = (wish.limit, wish.offset);
            return Ok(store::timeline::desk(
                tx, wish.kind, status, author, limit, offset,
            )?);
        }
        let tagged = match wish.tag {
            Some(tag) => Some(store::tags::posts_with(tx, tag)?.into_iter().collect()),
            None => None,
        };
        let wanted = Wanted {
            kind: wish.kind,
            author,
            tagged,
            words,
            enough: wish.limit.saturating_add(wish.offset).min(MAX_FOUND) as usize,
        };
        let standings = Status::ALL
            .iter()
            .copied()
            .filter(|status| match wish.status {
                Some(wanted) => *status == wanted,
                None => *status != Status::Trashed,
            });
        let mut found = Vec::new();
        for status in standings {
            wanted.collect(tx, status, &mut found)?;
        }
        found.sort_by_key(|post| std::cmp::Reverse((post.updated_at, post.id)));
        let shown = found.into_iter().skip(wish.offset as usize);
        Ok(shown.take(wish.limit as usize).collect())
    })
}

struct Wanted {
    kind: Kind,
    author: Option<UserId>,
    tagged: Option<HashSet<PostId>>,
    words: Vec<String>,
    enough: usize,
}

impl Wanted {
    /// Adds the first that fit; the index that readers search holds no drafts, so each is looked into.
    fn collect(
        &self,
        tx: &mut ReadTx<'_>,
        status: Status,
        found: &mut Vec<Summary>,
    ) -> Result<(), Error> {
        let most = found.len() + self.enough;
        let mut offset = 0;
        loop {
            let batch =
                store::timeline::desk(tx, self.kind, status, self.author, BATCH_POSTS, offset)?;
            offset += BATCH_POSTS;
            let is_last = batch.len() < BATCH_POSTS as usize;
            for post in batch {
                if found.len() >= most {
                    return Ok(());
                }
                if self.fits(tx, &post)? {
                    found.push(post);
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn fits(&self, tx: &mut ReadTx<'_>, post: &Summary) -> Result<bool, Error> {
        let is_tagged = self.tagged.as_ref();
        if is_tagged.is_some_and(|tagged| !tagged.contains(&post.id)) {
            return Ok(false);
        }
        let mut missing = self.words.clone();
        let title = fold(post.title.as_str());
        missing.retain(|word| !title.contains(word.as_str()));
        if missing.is_empty() {
            return Ok(true);
        }
        let waiting = store::pending::get(tx, post.id)?.map(|pending| pending.content);
        let content = match waiting {
            Some(content) => Some(content),
            None => store::posts::by_id(tx, post.id)?.map(|post| post.content),
        };
        let text = content.map(|content| fold(&content.markdown));
        Ok(text.is_some_and(|text| missing.iter().all(|word| text.contains(word.as_str()))))
    }
}
