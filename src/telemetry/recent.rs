//! The last lines of the log, for a page that shows them: whoever runs the site from a browser has no
//! shell at hand.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, PoisonError};

const LINES_KEPT: usize = 200;
const MAX_LINE_BYTES: usize = 2000;

/// One log is one process's, so its end is too.
static LINES: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The lines, oldest first.
pub fn lines() -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().cloned().collect()
}

/// Takes each log line as it is written; never fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent;

impl io::Write for Recent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let shown = &bytes[..bytes.len().min(MAX_LINE_BYTES)];
        let line = without_colours(String::from_utf8_lossy(shown).trim_end());
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Terminals are told of colours between ESC and `m`.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for (number, part) in line.split('\u{1b}').enumerate() {
        let text = if number == 0 {
            part
        } else {
            part.split_once('m').map_or("", |(_, text)| text)
        };
        plain.push_str(text);
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        for number in 0..LINES_KEPT + 5 {
            Recent
                .write_all(format!("\u{1b}[32m INFO\u{1b}[0m line {number}\n").as_bytes())
                .unwrap();
        }
        let lines = lines();
        assert_eq!(lines.len(), LINES_KEPT);
        assert!(
            lines.iter().any(|line| line == " INFO line 204"),
            "{lines:?}"
        );
        Recent.write_all(&[b'x'; 5000]).unwrap();
    }
}
