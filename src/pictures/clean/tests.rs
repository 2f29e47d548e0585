//! What is left of files with more in them than a picture.

use super::*;

#[test]
fn lies_about_lengths_are_refused() {
    assert!(clean(Format::Png, b"").is_err());
}
