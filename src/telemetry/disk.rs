//! How much room there is, and how much is taken.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Deeper folders than this are not ours.
const MAX_DEPTH: u32 = 16;

/// Room on the file system a path is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub free_bytes: u64,
    pub total_bytes: u64,
}

/// `None` where the system does not say.
pub fn room(path: &Path) -> Option<Room> {
    let stat = statvfs(path).ok()?;
    let unit = stat.fragment_size();
    Some(Room {
        free_bytes: stat.blocks_available().saturating_mul(unit),
        total_bytes: stat.blocks().saturating_mul(unit),
    })
}

/// The bytes of a file, or of all files below a folder. What cannot be read counts as nothing.
pub fn taken_bytes(path: &Path) -> u64 {
    taken_below(path, MAX_DEPTH)
}

fn taken_below(path: &Path, depth: u32) -> u64 {
    let Ok(facts) = path.symlink_metadata() else {
        return 0;
    };
    if !facts.is_dir() || depth == 0 {
        return if facts.is_file() { facts.len() } else { 0 };
    }
    let Ok(entries) = path.read_dir() else {
        return 0;
    };
    let entries = entries.filter_map(Result::ok);
    entries
        .map(|entry| taken_below(&entry.path(), depth - 1))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_below_a_folder_are_added_up() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/b"), [0; 100]).unwrap();
        std::fs::write(folder.path().join("c"), [0; 20]).unwrap();
        assert_eq!(taken_bytes(folder.path()), 120);
        assert_eq!(taken_bytes(&folder.path().join("missing")), 0);
        let room = room(folder.path()).unwrap();
        assert!(room.free_bytes <= room.total_bytes && room.total_bytes > 0);
    }
}
