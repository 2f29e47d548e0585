//! The search index is made from the store and can always be made again: whatever happens to its
//! files, the site serves, and the index comes back by itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::site::{Site, eventually};

const POSTS: usize = 5;

fn site_with_posts() -> Site {
    let site = Site::start();
    let owner = site.owner();
    for number in 0..POSTS {
        let title = format!("Chapter {number}");
        let form =
            json!({ "title": title, "markdown": "the everyword in it", "status": "published" });
        owner.ask("POST", "/api/v1/posts", &form).expect(201);
    }
    await_hits(&site, POSTS);
    site
}

fn await_hits(site: &Site, count: usize) {
    eventually("the search finds every post", || {
        let found = site
            .anyone()
            .get("/api/v1/search?q=everyword")
            .expect(200)
            .json();
        (found["total"] == count && found["items"].as_array().map(Vec::len) == Some(count))
            .then_some(())
    });
}

/// The files of the index, whatever folders they are in; locks hold nothing.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_none_or(|extension| extension != "lock") {
            found.push(path);
        }
    }
    found
}

/// Stops the site, does something to each file of the index, and wants everything back.
#[track_caller]
fn survives(harm: impl Fn(&Path)) {
    let site = site_with_posts();
    let setup = site.setup();
    assert_eq!(site.stop(), 0);
    let harmed = files(&setup.data_dir().join("search"));
    assert!(harmed.len() > 3, "{harmed:?}");
    for file in &harmed {
        harm(file);
    }
    let site = setup.start();
    let home = site.anyone().get("/").expect(200);
    assert!(home.body.contains("Chapter 4"));
    await_hits(&site, POSTS);
    assert_eq!(site.stop(), 0);
}

#[test]
fn a_deleted_index_comes_back() {
    survives(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_garbled_index_comes_back() {
    survives(|file| {
        let mut bytes = fs::read(file).unwrap();
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = byte
                .wrapping_mul(31)
                .wrapping_add(u8::try_from(place % 251).unwrap());
        }
        fs::write(file, bytes).unwrap();
    });
}

#[test]
fn a_truncated_index_comes_back() {
    survives(|file| {
        let length = fs::metadata(file).unwrap().len();
        let file = fs::File::options().write(true).open(file).unwrap();
        file.set_len(length / 2).unwrap();
    });
}

#[test]
fn an_index_deleted_under_a_running_site_comes_back() {
    let site = site_with_posts();
    fs::remove_dir_all(site.data_dir().join("search")).unwrap();
    site.anyone().get("/").expect(200);
    site.anyone().get("/search?q=everyword").expect(200);
    let form =
        json!({ "title": "Afterwards", "markdown": "the everyword again", "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
    await_hits(&site, POSTS + 1);
    // It is on the disk again, and not only in memory.
    assert!(files(&site.data_dir().join("search")).len() > 3);
    let setup = site.setup();
    site.kill();
    await_hits(&setup.start(), POSTS + 1);
}

#[test]
fn reindex_writes_it_anew_under_a_running_site_and_without_one() {
    let site = site_with_posts();
    let said = site.inkstand(&["reindex"]).ok();
    assert!(said.contains("the running site wrote it"), "{said}");
    await_hits(&site, POSTS);

    let setup = site.setup();
    assert_eq!(site.stop(), 0);
    let said = setup.inkstand(&["reindex"]).ok();
    assert_eq!(said.trim(), format!("{POSTS} posts are in the index"));
    await_hits(&setup.start(), POSTS);
}
