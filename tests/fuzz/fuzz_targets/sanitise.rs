//! Any bytes as HTML. What comes out must hold no script, and must not change when sanitised again.
#![no_main]

use inkstand::domain::language::Language;
use inkstand::render::{Options, sanitise_html};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let html = String::from_utf8_lossy(data);
    let language = Language::default();
    for trusted_html in [false, true] {
        let options = Options {
            language: &language,
            smart_punctuation: false,
            trusted_html,
            site_url: None,
            images: &(),
        };
        let once = sanitise_html(&html, &options);
        assert!(!once.to_ascii_lowercase().contains("<script"), "{once}");
        assert_eq!(sanitise_html(&once, &options), once, "stable");
    }
});
