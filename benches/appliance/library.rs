//! A store with many posts, made once and kept beside the build for the next run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use inkstand::app::posts::{self, Draft, Release};
use inkstand::app::{App, accounts, search};
use inkstand::blobs::Blobs;
use inkstand::db::{Db, Location, Options};
use inkstand::domain::actor::Actor;
use inkstand::domain::change::{Change, Noun, Verb};
use inkstand::domain::clock::SystemClock;
use inkstand::domain::id::PostId;
use inkstand::domain::post::Kind;
use inkstand::domain::slug::Slug;
use inkstand::domain::text::{Email, Name, Title};
use inkstand::domain::user::Role;
use inkstand::pictures::Painter;
use inkstand::search::Index;
use inkstand::store;

use super::Outcome;

const BATCH: u32 = 1_000;
const WORDS: [&str; 24] = [
    "letter",
    "harbour",
    "lamp",
    "ship",
    "winter",
    "ledger",
    "boat",
    "oil",
    "flour",
    "wind",
    "month",
    "evening",
    "remark",
    "neighbour",
    "sail",
    "weather",
    "island",
    "keeper",
    "storm",
    "rope",
    "signal",
    "tide",
    "morning",
    "paper",
];

pub(crate) struct Library {
    pub(crate) directory: PathBuf,
    pub(crate) posts: u32,
    /// Removed with this when it is a copy.
    _copy: Option<tempfile::TempDir>,
}

impl Library {
    pub(crate) fn of(posts: u32) -> Outcome<Self> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("library-{posts}"));
        let finished = directory.join("finished");
        if !finished.exists() {
            let _ = std::fs::remove_dir_all(&directory);
            std::fs::create_dir_all(&directory)?;
            fill(&directory, posts)?;
            std::fs::write(finished, "")?;
        }
        Ok(Self {
            directory,
            posts,
            _copy: None,
        })
    }

    /// A copy to write into.
    pub(crate) fn copy(&self) -> Outcome<Self> {
        let copy = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let directory = copy.path().join("data");
        let copied = Command::new("cp")
            .arg("-r")
            .args([&self.directory, &directory])
            .status()?;
        if !copied.success() {
            return Err("the library could not be copied".into());
        }
        Ok(Self {
            directory,
            posts: self.posts,
            _copy: Some(copy),
        })
    }

    pub(crate) fn path(&self, number: u32) -> String {
        format!("/post-{}", number % self.posts)
    }

    pub(crate) fn token(&self) -> Outcome<String> {
        let made = Command::new(env!("CARGO_BIN_EXE_inkstand"))
            .args(["token", "create", "--name", "bench", "--data-dir"])
            .arg(&self.directory)
            .output()?;
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }
}

fn fill(directory: &Path, posts: u32) -> Outcome<()> {
    let options = Options {
        location: Location::File(directory.join("inkstand.db")),
        readers: 1,
        log_plans: false,
    };
    let db = Db::open(&options, Arc::new(SystemClock))?;
    let app = App::new(
        db,
        Index::open(&directory.join("search"))?,
        Blobs::open(&directory.join("media"))?,
        Painter::new(Vec::new()),
    );
    let system = Actor::system();
    let (email, name) = (Email::parse("ada@example.org")?, Name::parse("Ada")?);
    accounts::create_user(&app, &system, email, name, Role::Owner, None)?;
    let first = first(&app, &system)?;
    for start in (1..posts).step_by(BATCH as usize) {
        copies(&app, first, start..(start + BATCH).min(posts))?;
    }
    search::rebuild(&app, &mut app.index.writer()?, &mut |_| ())?;
    Ok(())
}

/// One post made the way everybody makes them; the others are like it.
fn first(app: &App, actor: &Actor) -> Outcome<PostId> {
    let draft = Draft {
        title: Some(Title::parse("Post 0")?),
        slug: Some(Slug::parse("post-0")?),
        markdown: Some(text(0)),
        tags: Some(vec![Name::parse("Letters")?, Name::parse("Sea")?]),
        ..Draft::default()
    };
    Ok(posts::create_released(app, actor, Kind::Post, draft, Release::Now)?.id)
}

/// Many posts in one transaction: the way in of the front door would take an hour.
fn copies(app: &App, first: PostId, numbers: std::ops::Range<u32>) -> Outcome<()> {
    app.db.write(|tx| {
        let model = store::posts::by_id(tx, first)?.ok_or(store::StoreError::NotFound)?;
        let rendition = store::renditions::of(tx, first)?.ok_or(store::StoreError::NotFound)?;
        for number in numbers {
            let mut post = model.clone();
            post.id = PostId::from_i64(tx.new_id());
            post.published_at = model
                .published_at
                .map(|time| time.plus_seconds(-60 * i64::from(number)));
            let slug = Slug::parse(&format!("post-{number}"));
            post.content.slug = slug.map_err(|error| store::StoreError::Backend(error.into()))?;
            post.content.markdown = text(number);
            let mut rendition = rendition.clone();
            rendition.plain.clone_from(&post.content.markdown);
            store::posts::insert(tx, &post)?;
            store::renditions::put(tx, post.id, &rendition)?;
            let change = Change::visible(Noun::Post, post.id.as_i64(), Verb::Published);
            tx.record(change);
        }
        Ok::<_, store::StoreError>(())
    })?;
    Ok(())
}

/// About two thousand words would make the store of 100,000 posts too large for a bench; these are
/// some three hundred, which is what most posts have.
fn text(number: u32) -> String {
    let mut seed = u64::from(number) + 1;
    let mut text = String::new();
    for sentence in 0..30 {
        for _ in 0..10 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 40).unwrap_or_default() % WORDS.len();
            text.push_str(WORDS[at]);
            text.push(' ');
        }
        text.push_str(if sentence % 5 == 4 {
            "stop.\n\n"
        } else {
            "stop. "
        });
    }
    text
}
