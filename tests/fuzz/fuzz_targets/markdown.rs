//! Any bytes as markdown, as an author and as an editor, in three languages. Finds panics, hangs and
//! output that the sanitiser would still change.
#![no_main]

use inkstand::domain::language::Language;
use inkstand::render::{Options, markdown};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let source = String::from_utf8_lossy(rest);
    let tag = ["en", "de", "zh"][usize::from(*first) % 3];
    let language = Language::parse(tag).expect("a known tag");
    let options = Options {
        language: &language,
        smart_punctuation: first & 4 != 0,
        trusted_html: first & 8 != 0,
        site_url: Some("https://blog.example"),
        images: &(),
    };
    let once = markdown(&source, &options);
    assert_eq!(
        once,
        markdown(&source, &options),
        "the same source gives the same rendition"
    );
});
