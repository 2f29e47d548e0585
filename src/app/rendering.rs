//! From a post's markdown to its stored rendition, under the site's settings and the trust its
//! authors have.

use std::collections::HashMap;

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::{Content, StoredRendition, Summary};
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::render::{self, ImageFacts, Images, Options, Rendition};
use crate::store::{self, StoreError};

use super::media::PREFIX as MEDIA_PREFIX;
use super::{App, Error};

/// Posts looked at in one transaction.
const BATCH_POSTS: u32 = 100;

/// All that decides how one text is rendered. Equal stamps mean equal output for equal markdown.
#[derive(Debug)]
pub(super) struct Brief {
    language: Language,
    smart_punctuation: bool,
    trusted_html: bool,
    images: KnownImages,
}

#[derive(Debug, Default)]
struct KnownImages(HashMap<String, ImageFacts>);

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
        let mut images = HashMap::new();
        for path in media_paths(&content.markdown) {
            if let Some(media) = store::media::by_path(tx, path)?
                && let (Some(width), Some(height)) = (media.width, media.height)
            {
                let variants = media
                    .variants
                    .iter()
                    .map(|variant| (variant.width, format!("{MEDIA_PREFIX}{}", variant.path)))
                    .collect();
                images.insert(
                    format!("{MEDIA_PREFIX}{path}"),
                    ImageFacts {
                        width,
                        height,
                        variants,
                    },
                );
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
        })
    }

    pub(super) fn stamp(&self) -> String {
        let conditions = conditions(&self.language, self.smart_punctuation, self.trusted_html);
        format!("{conditions}{}", self.images.0.len())
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

/// Renders again what was rendered by an older renderer or under other settings; says how much.
pub fn renew(app: &App) -> Result<usize, Error> {
    let mut renewed = 0;
    let mut after = PostId::from_i64(0);
    loop {
        let batch = app.db.read(|tx| -> Result<_, Error> {
            let settings = store::settings::read(tx)?;
            let mut batch = Vec::new();
            for id in store::timeline::ids_after(tx, after, BATCH_POSTS)? {
                let Some(post) = store::posts::by_id(tx, id)? else {
                    continue;
                };
                let brief = Brief::of(tx, &post.content, &settings)?;
                let stamp = store::renditions::stamp(tx, id)?;
                let stale = stamp.as_ref() != Some(&brief.stamp());
                batch.push((post, stale.then_some(brief)));
            }
            Ok(batch)
        })?;
        let Some((last, _)) = batch.last() else {
            return Ok(renewed);
        };
        after = last.id;
        let mut is_seen = false;
        for (post, brief) in &batch {
            if let Some(brief) = brief {
                let rendition = brief.rendition(&post.content)?;
                app.db.write(|tx| {
                    tx.quiet("told for the whole batch below");
                    // Never over the rendition of a text that was saved meanwhile.
                    match store::posts::by_id(tx, post.id)? {
                        Some(now) if now.version == post.version => {
                            store::renditions::put(tx, post.id, &rendition)
                        }
                        _ => Ok(()),
                    }
                })?;
                renewed += 1;
                is_seen |= post.status.is_readable();
            }
        }
        if is_seen {
            // Lists made meanwhile show first words of the old renditions.
            app.db.write(|tx| {
                tx.record(Change::visible(Noun::Settings, 0, Verb::Updated));
                Ok::<_, StoreError>(())
            })?;
        }
    }
}

/// Puts a stored rendition together again.
pub(super) fn restore(stored: StoredRendition) -> Result<Rendition, Error> {
    let mut rendition: Rendition = serde_json::from_str(&stored.facts).map_err(Error::internal)?;
    rendition.html = stored.html;
    rendition.text = stored.plain;
    Ok(rendition)
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
