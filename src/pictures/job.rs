//! What the server and the process that decodes pictures say to each other.

use serde::{Deserialize, Serialize};

use super::format::Format;

/// What is to be done with the picture on the standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// See that it is sound, and hand it back without anything but the picture.
    TakeIn,
    /// Make smaller ones of it.
    Scale,
}

impl Job {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::TakeIn => "take-in",
            Self::Scale => "scale",
        }
    }
}

/// What is done, by the words of a command: the job and the kind of picture.
pub(super) fn of_words(job: &str, mime: &str) -> Option<(Job, Format)> {
    let all = [Job::TakeIn, Job::Scale];
    let job = all.into_iter().find(|known| known.word() == job)?;
    Some((job, Format::of_mime(mime)?))
}

/// The first line of an answer; the pieces' bytes come behind it, one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Outcome {
    Done(Reply),
    /// In words for whoever sent the picture.
    Refused(String),
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub pieces: Vec<Piece>,
    /// The colour there is most of.
    pub colour: Option<[u8; 3]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub width: u32,
    pub height: u32,
    pub mime: String,
    pub bytes: u64,
    /// For lists of pictures, not for pages.
    pub is_thumbnail: bool,
}
