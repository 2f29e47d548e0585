//! Which thing an address means, and which state it is in where nobody counts its versions.

use sha2::{Digest as _, Sha256};

use crate::app;
use crate::domain::text::hex;

/// 48 bits: two states of one thing never share them by accident.
const STATE_BYTES: usize = 6;

/// A number in an address; what is none is the number of nothing.
pub(super) fn number(text: &str) -> Result<i64, app::Error> {
    text.parse().map_err(|_| app::Error::NotFound)
}

/// The state of a thing, told by what people change of it: for [`super::preconditions`].
pub(super) fn state(id: i64, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    format!("{id}-{}", hex(&hash.finalize()[..STATE_BYTES]))
}
