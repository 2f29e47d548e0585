//! What issuers ask to see whether we have a name, and the answers. They are kept in the store, so that
//! whichever process is asked can answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::door::asked_name;
use super::papers::Papers;
use crate::domain::host::Host;

const DOCUMENT: &str = "challenges";
/// Strangers may ask for tokens that nobody has; the store is looked at no more often than this.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
const MAX_TOKEN_CHARS: usize = 256;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) token: String,
    pub(super) text: String,
}

/// Answers by host.
type Answers = HashMap<String, Answer>;

#[derive(Debug, Clone)]
pub(super) struct Challenges {
    papers: Papers,
    known: Arc<Mutex<Answers>>,
    /// When the store was looked at last; held while it is.
    looked: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

impl Challenges {
    pub(super) fn new(papers: Papers) -> Self {
        Self {
            papers,
            known: Arc::default(),
            looked: Arc::default(),
        }
    }

    /// From now on this is the answer for the host, until its next order: issuers ask from several places,
    /// and some come late. Kept before anybody is told to ask.
    pub(super) async fn set(&self, host: &Host, answer: Answer) -> Result<(), super::PaperError> {
        let mut answers: Answers = self.papers.get(DOCUMENT).await?.unwrap_or_default();
        answers.insert(host.to_string(), answer);
        self.papers.put(DOCUMENT, &answers).await?;
        *self.known() = answers;
        Ok(())
    }

    pub(super) async fn by_token(&self, token: &str) -> Option<String> {
        if token.len() > MAX_TOKEN_CHARS {
            return None;
        }
        let find = |answers: &Answers| {
            let mut found = answers.values().filter(|answer| answer.token == token);
            found.next().map(|answer| answer.text.clone())
        };
        self.find(find).await
    }

    /// The host an issuer asks for under this name, and the digest it wants to see.
    pub(super) async fn by_name(&self, name: &str) -> Option<(Host, Vec<u8>)> {
        let find = |answers: &Answers| {
            answers.iter().find_map(|(host, answer)| {
                let host = Host::parse(host).ok()?;
                let is_it = asked_name(&host).eq_ignore_ascii_case(name);
                is_it.then(|| (host, Sha256::digest(&answer.text).to_vec()))
            })
        };
        self.find(find).await
    }

    /// Whoever asks while the store is being looked at waits for what it says: issuers ask from several
    /// places at once.
    async fn find<T>(&self, find: impl Fn(&Answers) -> Option<T>) -> Option<T> {
        if let Some(found) = find(&self.known()) {
            return Some(found);
        }
        let mut looked = self.looked.lock().await;
        if let Some(found) = find(&self.known()) {
            return Some(found);
        }
        if looked.is_some_and(|looked| looked.elapsed() < LOOK_PAUSE) {
            return None;
        }
        let answers = self.papers.get::<Answers>(DOCUMENT).await;
        *looked = Some(Instant::now());
        let answers = answers.ok()??;
        let found = find(&answers);
        *self.known() = answers;
        found
    }

    fn known(&self) -> MutexGuard<'_, Answers> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
