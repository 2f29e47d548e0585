//! Scripts without spaces: rare pieces of generated text are found, nearly always at the top.

use super::{asked, indexed, post};

const DOCUMENTS: i64 = 300;
const CHARS_PER_DOCUMENT: usize = 220;
/// Asked: at least this share in the first five.
const WANTED_SHARE: f64 = 0.9;

/// A fixed sequence without a crate.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Characters as they occur: few often, many rarely.
fn text(dice: &mut Dice, alphabet: &[char], chars: usize) -> String {
    let mut text = String::new();
    for at in 0..chars {
        let bound = dice.below(alphabet.len()) + 1;
        text.push(alphabet[dice.below(bound)]);
        if at % 37 == 36 {
            text.push('。');
        }
    }
    text
}

fn share_found(language: &str, alphabet: &[char]) -> f64 {
    let mut dice = Dice(42);
    let bodies: Vec<String> = (0..DOCUMENTS)
        .map(|_| text(&mut dice, alphabet, CHARS_PER_DOCUMENT))
        .collect();
    let documents: Vec<_> = (0..)
        .zip(&bodies)
        .map(|(id, body)| post(id, language, "", body))
        .collect();
    let (_directory, index) = indexed(&documents);
    let (mut tried, mut good) = (0.0, 0.0);
    for _ in 0..400 {
        let from: Vec<char> = bodies[dice.below(bodies.len())].chars().collect();
        let start = dice.below(from.len() - 5);
        let query: String = from[start..start + 2 + dice.below(3)].iter().collect();
        let holders: Vec<i64> = (0..)
            .zip(&bodies)
            .filter(|(_, body)| body.contains(&query))
            .map(|(id, _)| id)
            .collect();
        if query.contains('。') || holders.len() > 3 {
            continue;
        }
        tried += 1.0;
        let hits = asked(&index, &query, false, language);
        let top: Vec<i64> = hits.posts.iter().take(5).map(|id| id.as_i64()).collect();
        if holders.iter().all(|holder| top.contains(holder)) {
            good += 1.0;
        }
        assert_eq!(hits.total, holders.len(), "{query} stands in exactly these");
    }
    assert!(tried > 30.0, "{language}: only {tried} rare pieces");
    good / tried
}

#[test]
fn rare_pieces_are_in_the_first_five() {
    let range = |from: u32, to: u32| (from..=to).filter_map(char::from_u32).collect::<Vec<_>>();
    let mut japanese = range(0x3042, 0x3093);
    japanese.extend(range(0x30a2, 0x30f3));
    japanese.extend(range(0x4e00, 0x4f00));
    for (language, alphabet) in [
        ("zh", range(0x4e00, 0x5300)),
        ("ja", japanese),
        (
            "th",
            [range(0x0e01, 0x0e2e), vec!['ะ', 'า', 'เ', 'แ', 'โ']].concat(),
        ),
        ("ko", range(0xac00, 0xad00)),
    ] {
        let share = share_found(language, &alphabet);
        assert!(share >= WANTED_SHARE, "{language}: {share}");
    }
}
