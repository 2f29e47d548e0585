//! Identifiers. An id is the microsecond it was made (counted from 2025), pushed on when two
//! fall together, so ids sort by age, need no round trip to the database, are the same on every
//! storage engine, and stay below 2^53 for JSON readers until the year 2310.

use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

const EPOCH_2025_MICROS: i64 = 1_735_689_600_000_000;

/// Makes ids that never repeat within one process. Across processes the primary key refuses
/// the rare twin, and whoever made it is told to try again.
#[derive(Debug, Default)]
pub struct IdMaker {
    last: AtomicI64,
}

impl IdMaker {
    pub fn next(&self, now: Timestamp) -> i64 {
        let wanted = now.as_micros().saturating_sub(EPOCH_2025_MICROS).max(1);
        let advance = |last: i64| wanted.max(last + 1);
        let previous = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(advance(last))
            })
            .unwrap_or_default();
        advance(previous)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            pub const fn from_i64(id: i64) -> Self {
                Self(id)
            }

            pub const fn as_i64(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A post or a page: they differ in kind, not in identity.
    PostId,
    UserId,
    TagId,
    MediaId,
    RevisionId,
    SessionId,
    TokenId,
    RedirectId,
    PreviewId,
    AuditId,
    InvitationId,
    PasskeyId,
    WebhookId,
    DeliveryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_stands_still_or_goes_back() {
        let maker = IdMaker::default();
        let noon = Timestamp::from_micros(EPOCH_2025_MICROS + 5_000_000);
        let first = maker.next(noon);
        let second = maker.next(noon);
        let third = maker.next(noon.plus_seconds(-1));
        assert_eq!((first, second, third), (5_000_000, 5_000_001, 5_000_002));
    }
}
