//! Where one stands in a long list. Lists run from the newest to the oldest, and what was made at the
//! same moment is told apart by its id: so a place stays where it is while others are added before it.
//!
//! Must not know what is listed, nor what a place looks like in an address.

use super::time::Timestamp;

/// A place between two things of a list: what follows is older than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// By what the list is sorted, mostly microseconds.
    pub key: i64,
    pub id: i64,
}

impl Place {
    /// Before the first of any list.
    pub const START: Self = Self {
        key: i64::MAX,
        id: i64::MAX,
    };

    /// Behind something of this time.
    pub const fn behind(time: Timestamp, id: i64) -> Self {
        Self {
            key: time.as_micros(),
            id,
        }
    }

    /// Behind something of a list that is sorted by ids alone.
    pub const fn behind_id(id: i64) -> Self {
        Self { key: 0, id }
    }
}

/// A part of a list, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<T> {
    pub items: Vec<T>,
    /// `None`: that was the last.
    pub next: Option<Place>,
}

impl<T> Stretch<T> {
    /// Made of what was found where one more than `limit` was asked for: whether there is more is known
    /// without counting.
    pub fn of(mut found: Vec<T>, limit: u32, place: impl Fn(&T) -> Place) -> Self {
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let last = found.last().filter(|_| has_more);
        Self {
            next: last.map(place),
            items: found,
        }
    }

    /// The same places with something else in them.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Stretch<U> {
        Stretch {
            items: self.items.into_iter().map(make).collect(),
            next: self.next,
        }
    }

    /// The same, where making it may fail.
    pub fn try_map<U, E>(self, make: impl FnMut(T) -> Result<U, E>) -> Result<Stretch<U>, E> {
        let items = self.items.into_iter().map(make);
        Ok(Stretch {
            items: items.collect::<Result<_, _>>()?,
            next: self.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_begins_behind_the_last_that_is_shown() {
        let of = |found: &[i64]| Stretch::of(found.to_vec(), 2, |id| Place::behind_id(*id));
        assert_eq!(of(&[9, 8, 7]).next, Some(Place::behind_id(8)));
        assert_eq!(of(&[9, 8, 7]).items, [9, 8]);
        assert_eq!(of(&[9, 8]).next, None);
        assert_eq!(of(&[]).next, None);
    }
}
