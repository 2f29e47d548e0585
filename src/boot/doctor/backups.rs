//! Backups. Nothing in this program makes any yet, so none can be known, and that is said. Whatever comes to
//! make them tells its newest here; what updates leave behind is not one.

use std::fs;
use std::path::Path;

use crate::boot::updating;

use super::{Said, Scene, warning};

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let data_dir = &scene.config.data_dir;
    let shown = data_dir.display();
    let copies = if has_copies(data_dir) {
        "; the copies in “snapshots” that updates leave are on the same disk, and are none"
    } else {
        ""
    };
    vec![warning(
        format!("No backup is known{copies}"),
        format!(
            "Copy {shown} to another machine every day, the database with: sqlite3 {shown}/inkstand.db \".backup \
             'copy.db'\" (or pg_dump). If you do so already, this check does not know of it"
        ),
    )]
}

/// The database as it was before an update.
fn has_copies(data_dir: &Path) -> bool {
    let entries = fs::read_dir(data_dir.join(updating::SNAPSHOTS));
    let mut entries = entries.into_iter().flatten().flatten();
    entries.any(|entry| entry.path().is_file())
}
