//! A post as whoever has its preview link sees it, published or not.

use crate::domain::post::Status;
use crate::domain::time::Timestamp;
use crate::store;

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
        let mut post = post.ok_or(Error::NotFound)?;
        if let Some(pending) = store::pending::get(tx, id)? {
            post.content = pending.content;
        }
        Ok(PreviewPage {
            page: post_page(app, tx, post)?,
            until,
        })
    })
}
