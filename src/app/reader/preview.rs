//! A post as whoever has its preview link sees it, published or not.

use crate::db::ReadTx;
use crate::domain::post::{Content, Status};
use crate::domain::time::Timestamp;
use crate::store;

use super::super::rendering::Brief;
use super::super::{App, Error, secrets};
use super::{PostPage, post_page};

#[derive(Debug)]
pub struct PreviewPage {
    pub page: PostPage,
    /// The link shows it until then.
    pub until: Timestamp,
}

/// The post behind a link, with the edits that wait to be published. An unknown link and one that has
/// run out are not told apart.
pub fn preview(app: &App, secret: &str) -> Result<PreviewPage, Error> {
    let digest = secrets::digest(secret);
    let now = app.db.clock().now();
    app.db.read(|tx| {
        let link = store::previews::by_secret_hash(tx, &digest, now)?;
        let (id, until) = link.ok_or(Error::NotFound)?;
        let post = store::posts::by_id(tx, id)?.filter(|post| post.status != Status::Trashed);
        let mut page = post_page(app, tx, post.ok_or(Error::NotFound)?)?;
        if let Some(pending) = store::pending::get(tx, id)? {
            lay_over(tx, &mut page, pending.content)?;
        }
        Ok(PreviewPage { page, until })
    })
}

/// Puts the edits that wait where the published content stood. What is stored of tags, authors and
/// rendering belongs to the published one.
fn lay_over(tx: &mut ReadTx<'_>, page: &mut PostPage, content: Content) -> Result<(), Error> {
    let brief = Brief::of(tx, &content, &page.settings)?;
    page.rendition = brief.render(&content.markdown);
    page.tags.clear();
    for tag in &content.tags {
        page.tags.extend(store::tags::by_id(tx, *tag)?);
    }
    page.authors.clear();
    for author in &content.authors {
        page.authors.extend(store::users::by_id(tx, *author)?);
    }
    let language = content.language.as_ref();
    page.language = language.unwrap_or(&page.settings.language).clone();
    page.post.content = content;
    Ok(())
}
