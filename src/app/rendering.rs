//! From a post's markdown to its stored rendition, under the site's settings and the trust its
//! authors have.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{MediaId, PostId};
use crate::domain::language::Language;
use crate::domain::media::Media;
use crate::domain::post::{Content, StoredRendition, Summary};
use crate::domain::settings::Settings;
use crate::domain::text::hex;
use crate::domain::user::User;
use crate::render::{self, ImageFacts, Images, Options, Rendition};
use crate::store::{self, StoreError};

use super::media::PREFIX as MEDIA_PREFIX;
use super::{App, Error};

/// Posts looked at in one transaction.
const BATCH_POSTS: u32 = 100;
/// Further ones are renewed with all the others, a little later.
const MAX_USERS_RENEWED: u32 = 1_000;
const STAMP_BYTES: usize = 6;

/// All that decides how one text is rendered. Equal stamps mean equal output for equal markdown.
#[derive(Debug)]
pub(super) struct Brief {
    language: Language,
    smart_punctuation: bool,
    trusted_html: bool,
    images: KnownImages,
    /// The files it shows, its cover among them.
    media: Vec<MediaId>,
}

#[derive(Debug, Default)]
struct KnownImages(BTreeMap<String, ImageFacts>);

impl KnownImages {
    /// Changes with anything about any of them.
    fn stamp(&self) -> String {
        let mut hash = Sha256::new();
        for (url, facts) in &self.0 {
            hash.update(format!("{url} {facts:?}\n"));
        }
        hex(&hash.finalize()[..STAMP_BYTES])
    }
}

impl Images for KnownImages {
    fn find(&self, url: &str) -> Option<ImageFacts> {
        self.0.get(url).cloned()
    }
}

impl Brief {
    /// Raw HTML is kept only when every author of the text may write it. Authors cannot be changed
    /// by those who may not, so nobody can borrow another's trust.
    pub(super) fn of(
        tx: &mut ReadTx<'_>,
        content: &Content,
        settings: &Settings,
    ) -> Result<Self, StoreError> {
        let mut trusted_html = !content.authors.is_empty();
        for author in &content.authors {
            trusted_html &= store::users::by_id(tx, *author)?.is_some_and(|user| is_trusted(&user));
        }
        let (mut images, mut media) = (BTreeMap::new(), Vec::new());
        for path in paths_of(content) {
            let Some(found) = store::media::by_address(tx, path)? else {
                continue;
            };
            if !media.contains(&found.id) {
                media.push(found.id);
            }
            if let Some(facts) = facts_of_image(&found) {
                images.insert(format!("{MEDIA_PREFIX}{path}"), facts);
            }
        }
        Ok(Self {
            language: content
                .language
                .clone()
                .unwrap_or_else(|| settings.language.clone()),
            smart_punctuation: settings.smart_punctuation,
            trusted_html,
            images: KnownImages(images),
            media,
        })
    }

    pub(super) fn stamp(&self) -> String {
        let conditions = conditions(&self.language, self.smart_punctuation, self.trusted_html);
        format!("{conditions}{}", self.images.stamp())
    }

    pub(super) fn render(&self, markdown: &str) -> Rendition {
        render::markdown(
            markdown,
            &Options {
                language: &self.language,
                smart_punctuation: self.smart_punctuation,
                trusted_html: self.trusted_html,
                site_url: None,
                images: &self.images,
            },
        )
    }

    /// Stores the rendition of a post, and which files it shows.
    pub(super) fn keep(
        &self,
        tx: &mut WriteTx<'_>,
        post: PostId,
        rendition: &StoredRendition,
    ) -> Result<(), StoreError> {
        store::media::set_uses(tx, post, &self.media)?;
        store::renditions::put(tx, post, rendition)
    }

    /// The form the store keeps.
    pub(super) fn rendition(&self, content: &Content) -> Result<StoredRendition, Error> {
        let mut rendition = self.render(&content.markdown);
        let html = std::mem::take(&mut rendition.html);
        let plain = std::mem::take(&mut rendition.text);
        Ok(StoredRendition {
            stamp: self.stamp(),
            html,
            facts: serde_json::to_string(&rendition).map_err(Error::internal)?,
            plain,
        })
    }
}

fn is_trusted(author: &User) -> bool {
    Actor::signed_in(author.id, author.role, "").may(Act::KeepHtml)
}

/// The beginning of a stamp: all but the pictures, which no list looks at.
fn conditions(language: &Language, smart_punctuation: bool, trusted_html: bool) -> String {
    format!(
        "{} {language} {} {} ",
        render::VERSION,
        u8::from(smart_punctuation),
        u8::from(trusted_html)
    )
}

/// What lists say of a post, without its HTML: as it is stored, or found out anew where that was done
/// under other conditions.
pub(super) fn facts_of(
    tx: &mut ReadTx<'_>,
    summary: &Summary,
    authors: &[User],
    settings: &Settings,
) -> Result<Rendition, Error> {
    let language = summary.language.as_ref().unwrap_or(&settings.language);
    let trusted_html = !authors.is_empty() && authors.iter().all(is_trusted);
    let conditions = conditions(language, settings.smart_punctuation, trusted_html);
    let stamp = store::renditions::stamp(tx, summary.id)?;
    if stamp.is_some_and(|stamp| stamp.starts_with(&conditions))
        && let Some(facts) = store::renditions::facts(tx, summary.id)?
    {
        return serde_json::from_str(&facts).map_err(Error::internal);
    }
    let post = store::posts::by_id(tx, summary.id)?.ok_or(Error::NotFound)?;
    let brief = Brief::of(tx, &post.content, settings)?;
    Ok(brief.render(&post.content.markdown))
}

/// A text as readers get it, under the conditions of now.
pub fn html_of(app: &App, content: &Content) -> Result<String, Error> {
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        Ok(Brief::of(tx, content, &settings)?
            .render(&content.markdown)
            .html)
    })
}

/// Renders again what was rendered by an older renderer or under other settings; says how much.
pub fn renew(app: &App) -> Result<usize, Error> {
    let mut renewed = 0;
    let mut after = PostId::from_i64(0);
    loop {
        let ids = app
            .db
            .read(|tx| store::timeline::ids_after(tx, after, BATCH_POSTS))?;
        let Some(last) = ids.last() else {
            return Ok(renewed);
        };
        after = *last;
        renewed += renew_some(app, &ids)?;
    }
}

/// Renders the posts again that show a file, because something about it is new.
pub(super) fn renew_users(app: &App, media: MediaId) -> Result<usize, Error> {
    let users = app
        .db
        .read(|tx| store::media::users(tx, media, MAX_USERS_RENEWED))?;
    let batches = users.chunks(BATCH_POSTS as usize);
    batches.map(|batch| renew_some(app, batch)).sum()
}

fn renew_some(app: &App, ids: &[PostId]) -> Result<usize, Error> {
    let batch = app.db.read(|tx| -> Result<_, Error> {
        let settings = store::settings::read(tx)?;
        let mut batch = Vec::new();
        for id in ids {
            let Some(post) = store::posts::by_id(tx, *id)? else {
                continue;
            };
            let brief = Brief::of(tx, &post.content, &settings)?;
            let stamp = store::renditions::stamp(tx, *id)?;
            if stamp.as_ref() != Some(&brief.stamp()) {
                batch.push((post, brief));
            }
        }
        Ok(batch)
    })?;
    let mut is_seen = false;
    for (post, brief) in &batch {
        let rendition = brief.rendition(&post.content)?;
        app.db.write(|tx| {
            tx.quiet("told for the whole batch below");
            // Never over the rendition of a text that was saved meanwhile.
            match store::posts::by_id(tx, post.id)? {
                Some(now) if now.version == post.version => brief.keep(tx, post.id, &rendition),
                _ => Ok(()),
            }
        })?;
        is_seen |= post.status.is_readable();
    }
    if is_seen {
        // Lists made meanwhile show first words of the old renditions.
        app.db.write(|tx| {
            tx.record(Change::visible(Noun::Settings, 0, Verb::Updated));
            Ok::<_, StoreError>(())
        })?;
    }
    Ok(batch.len())
}

/// Notes which files a text shows, besides those that are noted already.
pub(super) fn add_uses(
    tx: &mut WriteTx<'_>,
    post: PostId,
    content: &Content,
) -> Result<(), StoreError> {
    let mut media = Vec::new();
    for path in paths_of(content) {
        media.extend(store::media::by_address(tx, path)?.map(|found| found.id));
    }
    store::media::add_uses(tx, post, &media)
}

/// What the renderer is told about a picture.
fn facts_of_image(media: &Media) -> Option<ImageFacts> {
    let address = |path: &str| format!("{MEDIA_PREFIX}{path}");
    let copies = media.variants.iter().filter(|copy| !copy.is_thumbnail);
    Some(ImageFacts {
        url: address(&media.path),
        width: media.width?,
        height: media.height?,
        variants: copies
            .map(|copy| (copy.width, address(&copy.path)))
            .collect(),
    })
}

/// Puts a stored rendition together again.
pub(super) fn restore(stored: StoredRendition) -> Result<Rendition, Error> {
    let mut rendition: Rendition = serde_json::from_str(&stored.facts).map_err(Error::internal)?;
    rendition.html = stored.html;
    rendition.text = stored.plain;
    Ok(rendition)
}

/// The paths of the files a text shows, and of its cover.
fn paths_of(content: &Content) -> impl Iterator<Item = &str> {
    let cover = content.cover.as_ref();
    let cover = cover.and_then(|cover| cover.url.as_str().strip_prefix(MEDIA_PREFIX));
    media_paths(&content.markdown).chain(cover)
}

/// What follows `/media/` in the markdown, up to the first character that ends an address.
fn media_paths(markdown: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ')' | '"' | '\'' | '>' | '<' | '?' | '#');
    markdown
        .match_indices(MEDIA_PREFIX)
        .map(move |(at, prefix)| {
            let path = &markdown[at + prefix.len()..];
            path.split(ends).next().unwrap_or_default()
        })
        .filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn media_addresses_are_found_in_markdown_and_html() {
        let text = "![a](/media/1.png \"t\") <img src='/media/2.jpg'> /media/";
        let found: Vec<_> = super::media_paths(text).collect();
        assert_eq!(found, ["1.png", "2.jpg"]);
    }
}
