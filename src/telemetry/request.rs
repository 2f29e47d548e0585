//! The id of the request being worked on, so that every log line of it can be found again.
//!
//! It is one number in a thread-local that the web layer sets while it polls a request. A tracing
//! span would do the same for some thousand instructions more on every request, and most requests
//! log nothing. Work handed to another thread does not carry it along.

use std::cell::Cell;
use std::fmt;

thread_local! {
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// Written as 16 hexadecimal digits. Zero means "none" and is never given to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

impl RequestId {
    pub const fn from_u64(number: u64) -> Self {
        Self(if number == 0 { 1 } else { number })
    }

    pub fn to_hex(self) -> [u8; 16] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 16];
        for (position, digit) in hex.iter_mut().enumerate() {
            let nibble = (self.0 >> (60 - 4 * position)) & 0xf;
            *digit = DIGITS[usize::try_from(nibble).unwrap_or_default()];
        }
        hex
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The request this thread is working on right now.
pub fn current() -> Option<RequestId> {
    let number = CURRENT.get();
    (number != 0).then_some(RequestId(number))
}

/// Marks the request as the current one until the guard is dropped.
pub fn enter(id: RequestId) -> Entered {
    Entered {
        before: CURRENT.replace(id.0),
    }
}

#[derive(Debug)]
#[must_use = "the request is current only as long as the guard lives"]
pub struct Entered {
    before: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_request_nests_and_ends() {
        assert_eq!(current(), None);
        let outer = enter(RequestId::from_u64(7));
        {
            let _inner = enter(RequestId::from_u64(0xabc));
            assert_eq!(current().unwrap().to_string(), "0000000000000abc");
        }
        assert_eq!(current().unwrap().to_hex(), *b"0000000000000007");
        drop(outer);
        assert_eq!(current(), None);
    }
}
