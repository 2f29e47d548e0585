//! How long a search takes in an index of many posts: `cargo bench --bench search -- 100000`. The words are
//! made up but fall off in frequency as real ones do. Prints milliseconds, median and 99th percentile.

use std::error::Error;
use std::time::{Duration, Instant};

use inkstand::domain::{id::PostId, language::Language, time::Timestamp};
use inkstand::search::{Document, Index, Request};

const DEFAULT_POSTS: i64 = 100_000;
const WORDS_PER_POST: usize = 200;
const VOCABULARY: usize = 60_000;
const QUERIES_PER_KIND: usize = 300;
const NOW: Timestamp = Timestamp::from_micros(1_763_700_000_000_000);

/// A fixed sequence, so that two runs compare.
struct Dice(u64);

impl Dice {
    fn fraction(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap_or_default()) / f64::from(u32::MAX >> 1)
    }

    /// A rank by Zipf's law between the two given.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank"
    )]
    fn rank(&mut self, from: usize, to: usize) -> usize {
        let (low, high) = ((from as f64).ln(), (to as f64).ln());
        (low + self.fraction() * (high - low)).exp() as usize
    }

    fn words(&mut self, count: usize, from: usize) -> String {
        (0..count)
            .map(|_| word(self.rank(from, VOCABULARY)))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Pronounceable and different for every number.
fn word(mut number: usize) -> String {
    let mut word = String::new();
    loop {
        word.push(char::from(b"bcdfghjklmnprstvz"[number % 17]));
        number /= 17;
        word.push(char::from(b"aeiou"[number % 5]));
        number /= 5;
        if number == 0 {
            return word;
        }
    }
}

fn fill(index: &Index, posts: i64) -> Result<(), Box<dyn Error>> {
    let mut dice = Dice(7);
    let mut writer = index.writer()?;
    for id in 1..=posts {
        let tag = word(dice.rank(1, 200));
        writer.put(&Document {
            id: PostId::from_i64(id),
            title: dice.words(5, 20),
            headings: dice.words(6, 20),
            body: dice.words(WORDS_PER_POST, 1),
            tags: vec![(tag.clone(), tag)],
            authors: vec![("ann".to_owned(), "Ann".to_owned())],
            language: Language::default(),
            published_at: NOW.plus_seconds(-60 * id),
        })?;
    }
    writer.commit(1)?;
    Ok(())
}

type Kind = (&'static str, fn(&mut Dice) -> String);

const KINDS: [Kind; 8] = [
    ("one word", |dice| dice.words(1, 10)),
    ("one of the commonest", |dice| word(dice.rank(1, 20))),
    ("two words", |dice| dice.words(2, 10)),
    ("four words", |dice| dice.words(4, 10)),
    ("question of ten words", |dice| dice.words(10, 1)),
    ("phrase", |dice| format!("\"{}\"", dice.words(2, 1))),
    ("tag and date", |dice| {
        format!(
            "tag:{} before:2025-11 {}",
            word(dice.rank(1, 50)),
            dice.words(1, 10)
        )
    }),
    ("misspelt", |dice| dice.words(2, 500).replacen('a', "w", 1)),
];

fn measure(index: &Index, (name, make): &Kind, prefix: bool) {
    let mut dice = Dice(99);
    let mut times: Vec<Duration> = (0..QUERIES_PER_KIND)
        .map(|_| {
            let query = make(&mut dice);
            let language = Language::default();
            let request = Request {
                query: &query,
                language: Some(&language),
                prefix,
                limit: 10,
                offset: 0,
                now: NOW,
            };
            // The best of three, as other work on the machine can only add.
            (0..3)
                .map(|_| {
                    let start = Instant::now();
                    std::hint::black_box(index.search(&request));
                    start.elapsed()
                })
                .min()
                .unwrap_or_default()
        })
        .collect();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let typed = if prefix { ", typing" } else { "" };
    println!(
        "{:<32} p50 {:6.2} ms   p99 {:6.2} ms",
        format!("{name}{typed}"),
        at(50),
        at(99)
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let posts = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(DEFAULT_POSTS);
    let directory = tempfile::tempdir()?;
    let index = Index::open(directory.path())?;
    let start = Instant::now();
    fill(&index, posts)?;
    println!(
        "{posts} posts indexed in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    for kind in &KINDS {
        measure(&index, kind, false);
    }
    for kind in &KINDS[..3] {
        measure(&index, kind, true);
    }
    Ok(())
}
