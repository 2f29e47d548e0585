//! Whatever happens to the directory, the process lives and the index can be filled again.

use std::fs;
use std::path::{Path, PathBuf};

use super::{found, indexed, post};
use crate::search::Index;

/// What is done to a file, and its name.
type Harm = (&'static str, fn(&Path));

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory.join("v1"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| !file.to_string_lossy().ends_with(".lock"));
    files.sort();
    files
}

fn refill(index: &Index) {
    let mut writer = index.writer().unwrap();
    writer.put(&post(1, "en", "Back", "again")).unwrap();
    writer.commit(3).unwrap();
    assert_eq!((found(index, "again"), index.cursor()), (vec![1], Some(3)));
}

#[test]
fn a_closed_index_is_found_again_with_its_cursor() {
    let (directory, index) = indexed(&[post(1, "en", "Stay", "here")]);
    drop(index);
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(
        (found(&index, "here"), index.cursor(), index.verify()),
        (vec![1], Some(7), true)
    );
}

#[test]
fn each_damaged_file_leads_to_an_empty_index_that_can_be_filled() {
    let (directory, index) = indexed(&[
        post(1, "en", "Stay", "here"),
        post(2, "en", "Title", "words"),
    ]);
    drop(index);
    let count = files(directory.path()).len();
    assert!(count >= 6, "an index has several files");
    let harms: [Harm; 3] = [
        ("cut", |file| {
            let length = fs::metadata(file).unwrap().len();
            fs::OpenOptions::new()
                .write(true)
                .open(file)
                .unwrap()
                .set_len(length / 2)
                .unwrap();
        }),
        ("emptied", |file| fs::write(file, b"").unwrap()),
        ("garbled", |file| {
            let mut bytes = fs::read(file).unwrap();
            let middle = bytes.len() / 3;
            bytes
                .iter_mut()
                .skip(middle)
                .take(40)
                .for_each(|byte| *byte ^= 0x5a);
            fs::write(file, bytes).unwrap();
        }),
    ];
    for (harm, apply) in harms {
        for at in 0..count {
            let (directory, index) = indexed(&[
                post(1, "en", "Stay", "here"),
                post(2, "en", "Title", "words"),
            ]);
            drop(index);
            let file = files(directory.path()).swap_remove(at);
            apply(&file);
            let index = Index::open(directory.path()).unwrap();
            let answer = found(&index, "here");
            let sound = index.cursor().is_some();
            assert!(answer.is_empty() || sound, "{harm} {}", file.display());
            refill(&index);
        }
    }
}

#[test]
fn a_lost_directory_is_no_crash_and_is_made_again() {
    let (directory, index) = indexed(&[post(1, "en", "Stay", "here")]);
    let mut writer = index.writer().unwrap();
    fs::remove_dir_all(directory.path().join("v1")).unwrap();
    let _still_answers = found(&index, "here");
    assert_eq!(index.cursor(), None);
    writer.put(&post(2, "en", "x", "y")).ok();
    assert!(writer.commit(8).is_err());
    drop(writer);
    refill(&index);
}

#[test]
fn a_foreign_file_in_the_place_of_the_index_survives() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("v1")).unwrap();
    fs::write(
        directory.path().join("v1/meta.json"),
        b"{\"not\": \"an index\"}",
    )
    .unwrap();
    fs::write(directory.path().join("v1/letters.txt"), b"dear").unwrap();
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(index.cursor(), None);
    refill(&index);
    assert_eq!(
        fs::read(directory.path().join("v1/letters.txt")).unwrap(),
        b"dear"
    );
}

#[test]
fn another_handle_sees_a_commit() {
    let (directory, index) = indexed(&[post(1, "en", "Stay", "here")]);
    let other = Index::open(directory.path()).unwrap();
    let mut writer = index.writer().unwrap();
    writer.put(&post(2, "en", "Second", "here")).unwrap();
    writer.commit(8).unwrap();
    drop(writer);
    assert_eq!((found(&other, "here").len(), other.cursor()), (2, Some(8)));
}

#[test]
fn a_place_that_cannot_be_written_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(Index::open(&file).is_err());
}
