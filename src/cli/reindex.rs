//! `inkstand reindex`: throws the search index away and writes it anew.

use crate::app::search;

use super::{Common, Failure, misused};

pub(super) fn run(common: Common) -> Result<(), Failure> {
    let app = common.open_app()?;
    let mut writer = app.index.writer().map_err(|error| {
        misused(format!(
            "inkstand: {error}\nThe site is running and keeps its index itself; stop it first, or \
             delete the search folder in its data directory and restart it"
        ))
    })?;
    let posts = search::rebuild(&app, &mut writer)?;
    println!("{posts} posts are in the index");
    Ok(())
}
