//! Order: what a reader would expect first, on a small judged collection.

use super::{found, indexed, post};

#[test]
fn the_title_outranks_the_body_and_all_words_outrank_some() {
    let filler = "Other words of an ordinary post about nothing in particular. ".repeat(8);
    let (_directory, index) = indexed(&[
        post(
            1,
            "en",
            "Weekly notes",
            &format!("{filler} compost compost"),
        ),
        post(2, "en", "Making compost", &format!("{filler} How we do it")),
        post(3, "en", "Garden", &format!("{filler} worms {filler}")),
        post(
            4,
            "en",
            "Worms in the soil",
            &format!("{filler} worms worms worms worms"),
        ),
        post(
            5,
            "en",
            "Notes",
            &format!("{filler} worms turn waste into compost"),
        ),
    ]);
    assert_eq!(found(&index, "compost").first(), Some(&2));
    assert_eq!(found(&index, "compost worms").first(), Some(&5));
    assert_eq!(found(&index, "worms").first(), Some(&4));
}

#[test]
fn words_together_outrank_words_apart() {
    let filler = "Some more words stand between here so that they are far apart from one another. "
        .repeat(3);
    let (_directory, index) = indexed(&[
        post(
            1,
            "en",
            "A",
            &format!("The heat was great. {filler} A transfer was made. {filler}"),
        ),
        post(
            2,
            "en",
            "B",
            &format!("{filler} About heat transfer. {filler} Some text"),
        ),
        post(
            3,
            "en",
            "C",
            &format!("{filler} transfer of money {filler} heat"),
        ),
    ]);
    assert_eq!(found(&index, "heat transfer").first(), Some(&2));
}
