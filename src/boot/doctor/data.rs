//! The data directory: whose it is, who may read it, and how much room there is.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::{Said, Scene, failure, note, ok, warning};

/// With less than this nothing can be saved soon.
const LEAST_BYTES: u64 = 64 * MIB;
/// With less than this it is time to do something.
const LITTLE_BYTES: u64 = 1024 * MIB;
/// Of a small disk, this share is little.
const LITTLE_PERCENT: u64 = 5;
const MIB: u64 = 1024 * 1024;
/// Entries of the directory that are looked at.
const MAX_ENTRIES: usize = 1000;
/// What holds secrets or drafts.
const FOR_NOBODY_ELSE: [&str; 3] = ["inkstand.db", "inkstand.db-wal", "secrets.key"];

const OTHERS_READ: u32 = 0o004;
const OTHERS_ENTER: u32 = 0o001;
const OTHERS_WRITE: u32 = 0o002;

pub(super) fn rights(scene: &Scene) -> Vec<Said> {
    let folder = &scene.config.data_dir;
    let shown = folder.display();
    let facts = match fs::metadata(folder) {
        Ok(facts) if facts.is_dir() => facts,
        Ok(_) => {
            let advice = "Move that file away, or choose another data_dir";
            return vec![failure(format!("{shown} is no directory"), advice)];
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return vec![note(format!(
                "{shown} is not there yet; the first start makes it"
            ))];
        }
        Err(error) => {
            let advice = format!("Run this as the user of the site, or give {shown} to it");
            return vec![failure(
                format!("{shown} cannot be looked at: {error}"),
                advice,
            )];
        }
    };
    let mut said = Vec::new();
    let (own, owner) = (nix::unistd::geteuid().as_raw(), facts.uid());
    if own == owner {
        if let Err(error) = tempfile::tempfile_in(folder) {
            let advice = format!("chmod u+rwx {shown}; if the disk is read-only, see why (dmesg)");
            said.push(failure(
                format!("{shown} cannot be written: {error}"),
                advice,
            ));
        }
    } else {
        said.push(warning(
            format!("{shown} belongs to the user with id {owner}, and this runs as {own}"),
            format!("Run Inkstand's commands as that user: sudo -u '#{owner}' inkstand …"),
        ));
    }
    said.extend(open_to_others(folder, &facts));
    said.extend(of_others(folder, owner));
    if said.is_empty() {
        said.push(ok(format!(
            "{shown} is the site's own, and closed to others"
        )));
    }
    said
}

fn open_to_others(folder: &Path, facts: &Metadata) -> Vec<Said> {
    let shown = folder.display();
    let mode = facts.permissions().mode();
    if mode & OTHERS_WRITE != 0 {
        return vec![failure(
            format!("Everybody on this machine can write into {shown}"),
            format!("chmod o-rwx {shown}"),
        )];
    }
    if mode & OTHERS_ENTER == 0 {
        return Vec::new();
    }
    let readable = FOR_NOBODY_ELSE.iter().filter(|name| {
        let facts = fs::metadata(folder.join(name));
        facts.is_ok_and(|facts| facts.permissions().mode() & OTHERS_READ != 0)
    });
    let readable: Vec<&str> = readable.copied().collect();
    if readable.is_empty() {
        return Vec::new();
    }
    vec![warning(
        format!(
            "Everybody on this machine can read {} in {shown}",
            readable.join(", ")
        ),
        format!("chmod 700 {shown}"),
    )]
}

/// Files of another user's stand in the way of the site, as when a command was once run as root.
fn of_others(folder: &Path, owner: u32) -> Option<Said> {
    let entries = fs::read_dir(folder).ok()?;
    let mut strange = Vec::new();
    for entry in entries.flatten().take(MAX_ENTRIES) {
        let other = entry.metadata().ok().map(|facts| facts.uid());
        if other.is_some_and(|other| other != owner) {
            strange.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    strange.sort();
    (!strange.is_empty()).then(|| {
        failure(
            format!(
                "Of {}, another user owns {}",
                folder.display(),
                strange.join(", ")
            ),
            format!("chown -R {owner} {}", folder.display()),
        )
    })
}

pub(super) fn room(scene: &Scene) -> Vec<Said> {
    let folder = &scene.config.data_dir;
    // Before the first start, where it will be.
    let place = folder.ancestors().find(|place| place.exists());
    let place = place.unwrap_or(Path::new("."));
    let facts = match statvfs(place) {
        Ok(facts) => facts,
        Err(error) => {
            let advice = "See what is wrong with that file system: df, mount, dmesg";
            return vec![warning(
                format!("The disk does not say how full it is: {error}"),
                advice,
            )];
        }
    };
    let total = facts.blocks() * facts.fragment_size();
    let free = facts.blocks_available() * facts.fragment_size();
    vec![
        of_bytes(free, total, &folder.display().to_string()),
        of_files(facts.files_available(), facts.files()),
    ]
}

fn of_bytes(free: u64, total: u64, place: &str) -> Said {
    let share = free.saturating_mul(100).checked_div(total).unwrap_or(100);
    let found = format!("{} MiB are free at {place} ({share} %)", free / MIB);
    let advice = "Make room: old logs, packages, media nobody uses (“inkstand media list”); or give the site \
                  a larger disk";
    let is_little = free < LITTLE_BYTES && share < 2 * LITTLE_PERCENT || share < LITTLE_PERCENT;
    if free < LEAST_BYTES {
        failure(found, advice)
    } else if is_little {
        warning(found, advice)
    } else {
        ok(found)
    }
}

/// Some file systems have no such limit and say 0 of 0.
fn of_files(free: u64, total: u64) -> Said {
    let share = free.saturating_mul(100).checked_div(total).unwrap_or(100);
    let found = format!("{share} % of its places for files are free");
    let advice =
        "Remove what consists of very many small files: caches, mail, sessions of other programs";
    match share {
        0 => failure(found, advice),
        share if share < LITTLE_PERCENT => warning(found, advice),
        _ => ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn little_room_is_told_before_there_is_none() {
        let state =
            |free_mib: u64, total_mib: u64| of_bytes(free_mib * MIB, total_mib * MIB, "/").state;
        assert_eq!(state(10, 100_000), State::Failure);
        assert_eq!(state(900, 100_000), State::Warning);
        assert_eq!(state(4_000, 100_000), State::Warning);
        assert_eq!(state(40_000, 100_000), State::Ok);
        assert_eq!(
            state(900, 2_000),
            State::Ok,
            "a small disk that is half empty"
        );
        assert_eq!(of_files(0, 0).state, State::Ok);
        assert_eq!(of_files(1, 1_000_000).state, State::Failure);
        assert_eq!(of_files(30_000, 1_000_000).state, State::Warning);
    }
}
