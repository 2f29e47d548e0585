//! Addresses that readers knew a post by, before it came here. A child of `arriving`.

use crate::db::WriteTx;
use crate::domain::post::Post;
use crate::domain::redirect::{REST, Target};
use crate::domain::slug::Slug;
use crate::store;

use super::super::super::Error;

/// Longer addresses are noise.
const MAX_OLD_PATH_BYTES: usize = 1_000;
pub(super) enum Led {
    /// It does already, or is the same address in another form.
    Here,
    Now,
    Not(String),
}

/// Makes an old address lead to a post, unless somebody else is there.
pub(super) fn lead_here(
    tx: &mut WriteTx<'_>,
    post: &Post,
    path: &str,
    permanent: bool,
) -> Result<Led, Error> {
    if !path.starts_with('/') || path.len() > MAX_OLD_PATH_BYTES || path.contains('\0') {
        return Ok(Led::Not("it is no path of a site".to_owned()));
    }
    if path.contains(REST) {
        return Ok(Led::Not("a * would stand for all below it".to_owned()));
    }
    let name = path.trim_matches('/').to_lowercase();
    if name.is_empty() || name == post.content.slug.as_str() {
        return Ok(Led::Here);
    }
    if let Ok(slug) = Slug::parse(&name)
        && store::posts::by_slug(tx, &slug)?.is_some()
    {
        return Ok(Led::Not("another text is there".to_owned()));
    }
    if let Some(known) = store::redirects::by_path(tx, path)? {
        return Ok(match known.to {
            Target::Post(id) if id == post.id => Led::Here,
            _ => Led::Not("it leads elsewhere already".to_owned()),
        });
    }
    store::redirects::put(tx, path, &Target::Post(post.id), permanent)?;
    store::missing::forget(tx, path)?;
    Ok(Led::Now)
}
