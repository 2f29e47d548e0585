//! A full disk: the error says so, reading goes on, nothing is lost, and writing works again once
//! there is space.

use tempfile::TempDir;

use crate::db::testing::{digests, integrity, limit_growth};
use crate::db::{Location, StoreError};

use super::super::{posts, timeline};
use super::{new_post, publish, sqlite_lab};

const SPARE_PAGES: u32 = 8;
/// Larger than the spare pages together.
const POST_BYTES: usize = 100_000;

#[test]
fn a_full_disk_is_survived() {
    let directory = TempDir::new().unwrap();
    let lab = sqlite_lab(&directory, "full");
    lab.published("kept", 1);
    let Location::File(path) = &lab.location else {
        unreachable!("it is SQLite");
    };
    let before = digests(&lab.location);
    limit_growth(&lab.db, Some(SPARE_PAGES));
    for _ in 0..5 {
        let outcome = lab.try_write(|tx| {
            let mut post = new_post(tx, "too-much");
            publish(&mut post, 2);
            post.content.markdown = "x".repeat(POST_BYTES);
            posts::insert(tx, &post)
        });
        let Err(StoreError::Unwritable(message)) = &outcome else {
            panic!("not refused as unwritable: {outcome:?}");
        };
        assert!(message.contains("the disk is full"), "{message}");
        assert_eq!(
            lab.read(|tx| timeline::published(tx, 9, 0)).len(),
            1,
            "reading goes on"
        );
    }
    assert_eq!(digests(&lab.location), before);
    limit_growth(&lab.db, None);
    lab.published("after", 3);
    assert_eq!(lab.read(|tx| timeline::published(tx, 9, 0)).len(), 2);
    assert_eq!(integrity(path), "ok");
}
