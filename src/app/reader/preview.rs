//! A post as it would be: for whoever has its preview link, and for whoever is writing it.

use crate::db::ReadTx;
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::post::{Content, Kind, Status};
use crate::domain::time::Timestamp;
use crate::store;

use super::super::posts::{self, Draft};
use super::super::rendering::Brief;
use super::super::{App, Error, secrets};
use super::{PostPage, cover_size, post_page};

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

/// The way out of a transaction of which nothing is to stay.
enum Undone {
    Seen(Box<PostPage>),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Undone {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The page that would come of what is being written. It is saved in earnest, looked at, and undone:
/// so it cannot differ from what saving it would give.
pub fn of_draft(
    app: &App,
    actor: &Actor,
    id: Option<PostId>,
    kind: Kind,
    draft: Draft,
) -> Result<PostPage, Error> {
    let outcome = app.db.write(|tx| -> Result<(), Undone> {
        let (post, content) = posts::lay_in(tx, actor, id, kind, draft)?;
        let mut page = post_page(app, tx, post)?;
        lay_over(tx, &mut page, content)?;
        page.cover_size = cover_size(tx, &page.post)?;
        page.post.published_at = page.post.published_at.or(Some(tx.now()));
        Err(Undone::Seen(Box::new(page)))
    });
    match outcome {
        Err(Undone::Seen(page)) => Ok(*page),
        Err(Undone::Failed(error)) => Err(error),
        Ok(()) => Err(Error::internal("a preview ended without a page")),
    }
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
