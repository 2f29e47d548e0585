//! A text in which some places are still open: the address of a post or file that is known only later.
//! An open place is a mark of letters no text has, put there and taken out again within one rewriting.

use super::item::Piece;

const BEGIN: char = '\u{F5000}';
const END: char = '\u{F5001}';

/// A text being rewritten, and what its marks mean.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pieces: Vec<Piece>,
}

impl Marks {
    /// Foreign text with no mark in it that is not ours.
    pub(super) fn cleaned(text: &str) -> String {
        text.replace([BEGIN, END], "\u{FFFD}")
    }

    /// The mark for a place.
    pub(super) fn mark(&mut self, piece: Piece) -> String {
        self.pieces.push(piece);
        format!("{BEGIN}{}{END}", self.pieces.len() - 1)
    }

    pub(super) fn is_mark(text: &str) -> bool {
        text.starts_with(BEGIN)
    }

    /// The text in its pieces.
    pub(super) fn pieces(self, text: &str) -> Vec<Piece> {
        let mut out: Vec<Piece> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let Some((number, after)) = after.split_once(END) else {
                break;
            };
            if !before.is_empty() {
                out.push(Piece::Text(before.to_owned()));
            }
            let piece = number
                .parse()
                .ok()
                .and_then(|at: usize| self.pieces.get(at));
            out.extend(piece.cloned());
            rest = after;
        }
        if !rest.is_empty() {
            out.push(Piece::Text(rest.to_owned()));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_again() {
        let mut marks = Marks::default();
        let file = marks.mark(Piece::File("a.png".to_owned(), String::new()));
        let text = format!("![x]({file}) and");
        assert_eq!(
            marks.pieces(&text),
            [
                Piece::Text("![x](".to_owned()),
                Piece::File("a.png".to_owned(), String::new()),
                Piece::Text(") and".to_owned()),
            ]
        );
        assert_eq!(
            Marks::cleaned(&format!("{BEGIN}0{END}")),
            "\u{FFFD}0\u{FFFD}"
        );
    }

    proptest::proptest! {
        #[test]
        fn text_without_marks_stays(text in ".{0,60}") {
            let cleaned = Marks::cleaned(&text);
            let pieces = Marks::default().pieces(&cleaned);
            let back: String = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                _ => "",
            }).collect();
            assert_eq!(back, cleaned);
        }
    }
}
