//! Programs that were looked at a moment ago: the page that asks somebody and the form that comes back from
//! it look once. In memory of bounded size.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::clients::{self, Introduction};
use crate::app::{self, App};
use crate::domain::client::ClientId;

const LASTS: Duration = Duration::from_secs(5 * 60);
/// Those that did not answer are asked again sooner.
const FAILURE_LASTS: Duration = Duration::from_secs(30);
const MAX_ENTRIES: usize = 200;

/// Programs asked at the same moment; each may take its time, and readers must not wait for them.
const MAX_ASKED: usize = 4;

type Looked = Result<Introduction, String>;

#[derive(Debug, Default)]
pub(in crate::web) struct Known {
    entries: Mutex<HashMap<ClientId, (Looked, Instant)>>,
    asked: AtomicUsize,
}

/// One of those that are asked; gives its place back when it goes.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Known {
    /// What a program says of itself. Blocks while it is asked.
    pub(in crate::web) fn introduction(&self, app: &App, client: &ClientId) -> Looked {
        if let Some(known) = self.find(client, Instant::now()) {
            return known;
        }
        let before = self.asked.fetch_add(1, Ordering::Relaxed);
        let _place = Place(&self.asked);
        if before >= MAX_ASKED {
            return Err(
                "There was no time to ask it what it is; try again in a moment.".to_owned(),
            );
        }
        let looked = clients::look_at(app, client);
        self.keep(client.clone(), looked.clone(), Instant::now());
        looked
    }

    fn find(&self, client: &ClientId, now: Instant) -> Option<Looked> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (looked, since) = entries.get(client)?;
        is_fresh(looked, *since, now).then(|| looked.clone())
    }

    fn keep(&self, client: ClientId, looked: Looked, now: Instant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, (looked, since)| is_fresh(looked, *since, now));
        if entries.len() >= MAX_ENTRIES {
            let oldest = entries.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(client, _)| client.clone()) {
                entries.remove(&oldest);
            }
        }
        entries.insert(client, (looked, now));
    }
}

fn is_fresh(looked: &Looked, since: Instant, now: Instant) -> bool {
    let lasts = if looked.is_ok() { LASTS } else { FAILURE_LASTS };
    now.saturating_duration_since(since) < lasts
}

/// Whether a browser may be sent there on behalf of a program; why not, in words for people.
pub(in crate::web) fn may_lead(
    client: &ClientId,
    redirect_uri: &crate::domain::client::RedirectUri,
    looked: &Looked,
) -> Result<(), app::Error> {
    if redirect_uri.belongs_to(client) {
        return Ok(());
    }
    let place = redirect_uri.place();
    let why = match looked {
        Ok(said) if redirect_uri.is_among(&said.redirect_uris) => return Ok(()),
        Ok(_) => {
            format!("It wants you sent to {place}, which it does not name as a place of its own.")
        }
        Err(why) => format!(
            "It wants you sent to {place}, and it could not be asked whether that is its own. {why}"
        ),
    };
    Err(app::Error::invalid("redirect_uri", why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::RedirectUri;

    fn client(number: usize) -> ClientId {
        ClientId::parse(&format!("https://app{number}.example/")).unwrap()
    }

    #[test]
    fn programs_are_remembered_for_a_while() {
        let known = Known::default();
        let now = Instant::now();
        known.keep(client(1), Ok(Introduction::default()), now);
        known.keep(client(2), Err("silence".to_owned()), now);
        assert!(known.find(&client(1), now).is_some() && known.find(&client(2), now).is_some());
        assert!(known.find(&client(2), now + FAILURE_LASTS).is_none());
        assert!(known.find(&client(1), now + LASTS).is_none());
        for number in 0..MAX_ENTRIES + 50 {
            known.keep(client(number), Ok(Introduction::default()), now);
        }
        assert_eq!(known.entries.lock().unwrap().len(), MAX_ENTRIES);
    }

    #[test]
    fn a_place_elsewhere_has_to_be_named() {
        let there = RedirectUri::parse("https://elsewhere.example/back").unwrap();
        let named = Introduction {
            redirect_uris: vec!["https://elsewhere.example/back".to_owned()],
            ..Introduction::default()
        };
        let leads = |looked: Looked| may_lead(&client(1), &there, &looked).is_ok();
        assert!(leads(Ok(named)));
        assert!(!leads(Ok(Introduction::default())) && !leads(Err("silence".to_owned())));
        let home = RedirectUri::parse("https://app1.example/back").unwrap();
        assert!(may_lead(&client(1), &home, &Err("silence".to_owned())).is_ok());
    }
}
