//! Keeps the door supplied: with the owner's files or the issuers' certificates, with keys for tickets, and
//! with something of our own while there is nothing better. Only one process at a time orders; the others
//! show what it got.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::certificate::{Certificate, CertificateError};
use super::challenges::Challenges;
use super::course::{Course, Issuers, Kept, Next};
use super::door::Door;
use super::messenger::Messenger;
use super::orders::{Asking, OrderPaper, Ordering};
use super::own::{Files, Watched};
use super::papers::{PaperError, Papers};
use super::plan;
use super::standing::Standing;
use super::tickets::{Ring, Tickets};
use super::trouble::Trouble;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::host::Host;
use crate::domain::time::Timestamp;

const TICK: Duration = Duration::from_millis(500);
/// How often papers are read that another process may have written.
const READ_SECONDS: i64 = 10;
/// While another process orders, its certificate is waited for.
const READ_SOON_SECONDS: i64 = 1;
/// A process that was killed holds others up for no longer than this.
const LEASE_SECONDS: u32 = 10;
const LEASE_PAUSE: Duration = Duration::from_secs(3);
const TICKETS: &str = "tickets";
/// The names that were served last.
const HOSTS: &str = "hosts";

#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error("{0}")]
    Papers(#[from] PaperError),
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("encryption cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("tls.issuer_root cannot be used: {0}")]
    Root(std::io::Error),
}

#[derive(Debug, Clone)]
pub struct Options {
    /// The site's names, the one it is known by first.
    pub hosts: Vec<Host>,
    pub files: Option<Files>,
    /// How long browsers are told to come encrypted only.
    pub insist_seconds: u32,
    /// Addresses of directories, in order of preference.
    pub issuers: Vec<String>,
    /// Where the first issuer lets itself be tried.
    pub staging: Option<String>,
    /// By what issuers inside a network are known.
    pub issuer_root: Option<PathBuf>,
    pub asking: Asking,
    /// The pause after a first failure.
    pub retry_seconds: u32,
    /// Run when a certificate is ending and cannot be renewed.
    pub hook: Option<PathBuf>,
}

/// How it stands with all certificates; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Overview(Arc<Mutex<Vec<Standing>>>);

impl Overview {
    pub fn standings(&self) -> Vec<Standing> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, standings: Vec<Standing>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = standings;
    }
}

#[derive(Debug)]
pub struct Keeper {
    options: Options,
    papers: Papers,
    challenges: Challenges,
    messenger: Messenger,
    door: Door,
    tickets: Arc<Tickets>,
    files: Option<Watched>,
    of_files: Option<Certificate>,
    charges: Vec<Charge>,
    own: Certificate,
    overview: Overview,
    read_at: Timestamp,
}

/// A host and its certificate.
#[derive(Debug)]
struct Charge {
    host: Host,
    course: Course,
    served: Option<Certificate>,
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn paper_of(host: &Host) -> String {
    format!("host {host}")
}

/// How it stands, from the papers alone: for whoever is not the server. Blocks.
pub fn look(papers: &Papers) -> Result<Vec<Standing>, PaperError> {
    let hosts = papers.get_now::<Vec<Host>>(HOSTS)?.unwrap_or_default();
    let standing = |host: &Host| {
        let course = papers
            .get_now::<Course>(&paper_of(host))?
            .unwrap_or_default();
        Ok(course.standing(host, now()))
    };
    hosts.iter().map(standing).collect()
}

impl Keeper {
    /// Opens the door with what there is. Blocks.
    pub fn open(options: Options, papers: Papers) -> Result<Self, KeeperError> {
        let tickets = Arc::new(Tickets::new(now));
        let challenges = Challenges::new(papers.clone());
        let door = Door::new(challenges.clone(), Arc::<Tickets>::clone(&tickets))?;
        let messenger = Messenger::new(options.issuer_root.as_deref());
        let ordered = options.hosts.iter().filter(|_| options.files.is_none());
        let charges = ordered.map(|host| Charge {
            host: host.clone(),
            course: Course::default(),
            served: None,
        });
        let mut keeper = Self {
            charges: charges.collect(),
            files: options.files.clone().map(Watched::new),
            of_files: None,
            own: Certificate::self_signed(&options.hosts, now())?,
            messenger: messenger.map_err(KeeperError::Root)?,
            options,
            papers,
            challenges,
            door,
            tickets,
            overview: Overview::default(),
            read_at: now(),
        };
        let hosts: Vec<_> = keeper
            .charges
            .iter()
            .map(|charge| charge.host.clone())
            .collect();
        if keeper
            .papers
            .get_now::<Vec<Host>>(HOSTS)?
            .unwrap_or_default()
            != hosts
        {
            keeper.papers.put_now(HOSTS, &hosts)?;
        }
        keeper.look_at_files();
        keeper.read_papers();
        keeper.show();
        Ok(keeper)
    }

    pub fn door(&self) -> Door {
        self.door.clone()
    }

    pub fn overview(&self) -> Overview {
        self.overview.clone()
    }

    /// Goes on until `stop` resolves; then whoever else waits may order at once. `holder` is this process.
    pub async fn run(self, holder: String, stop: impl Future<Output = ()>) {
        let papers = self.papers.clone();
        tokio::select! {
            () = self.go_on(&holder) => {}
            () = stop => {}
        }
        if let Err(error) = papers.release(&holder).await {
            tracing::warn!(%error, "the lease for ordering certificates is not given up");
        }
    }

    async fn go_on(mut self, holder: &str) {
        loop {
            let looked = tokio::task::spawn_blocking(move || {
                self.look();
                self
            });
            let Ok(keeper) = looked.await else { return };
            self = keeper;
            if self.has_work() {
                match self.papers.lease(holder, LEASE_SECONDS).await {
                    Ok(true) => self.work(holder).await,
                    Ok(false) => self.read_at = now().plus_seconds(READ_SOON_SECONDS),
                    Err(error) => {
                        tracing::error!(%error, "no certificate can be ordered");
                        self.read_at = now().plus_seconds(READ_SECONDS);
                    }
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn look(&mut self) {
        let has_changed = self.look_at_files();
        let is_time = now() >= self.read_at;
        if is_time {
            self.read_papers();
        }
        if has_changed || is_time {
            self.show();
        }
    }

    fn read_papers(&mut self) {
        self.read_at = now().plus_seconds(READ_SECONDS);
        self.turn_tickets();
        for charge in &mut self.charges {
            match self.papers.get_now::<Course>(&paper_of(&charge.host)) {
                Ok(course) => charge.follow(course.unwrap_or_default()),
                Err(error) => tracing::warn!(%error, "certificates cannot be read"),
            }
        }
    }

    fn turn_tickets(&self) {
        let turned = || -> Result<Ring, PaperError> {
            let ring = self.papers.get_now::<Ring>(TICKETS)?.unwrap_or_default();
            let (ring, is_new) = ring.turned(now())?;
            if is_new {
                self.papers.put_now(TICKETS, &ring)?;
            }
            Ok(ring)
        };
        match turned() {
            Ok(ring) => self.tickets.use_keys(ring),
            Err(error) => tracing::warn!(%error, "visitors cannot come back with tickets"),
        }
    }

    /// Says whether there is something new.
    fn look_at_files(&mut self) -> bool {
        match self.files.as_mut().and_then(Watched::look) {
            None => false,
            Some(Ok(certificate)) => {
                tracing::info!(names = ?certificate.facts.names, "the certificate files are in use");
                self.of_files = Some(certificate);
                true
            }
            Some(Err(error)) => {
                tracing::error!(%error, "the certificate files cannot be used");
                false
            }
        }
    }

    /// Visitors see what there is now.
    fn show(&self) {
        let best = self.of_files.iter();
        let best = best.chain(
            self.charges
                .iter()
                .filter_map(|charge| charge.served.as_ref()),
        );
        let shown: Vec<_> = best.chain([&self.own]).cloned().collect();
        let first = self.charges.first();
        let has_first = first.is_some_and(|first| first.served.is_some());
        let is_provisional = self.of_files.is_none() && !has_first;
        self.door.show(&shown, is_provisional);
        let trusted_since = first.and_then(|first| first.course.trusted_since);
        let may_insist = self.of_files.is_some() || plan::may_insist(trusted_since, now());
        let insist_seconds = if may_insist {
            self.options.insist_seconds
        } else {
            0
        };
        self.door.insist(insist_seconds);
        let of_files = self.of_files.as_ref().map(|certificate| {
            let name = certificate.facts.names.first().cloned();
            Standing::of(name.unwrap_or_default(), Some(certificate), now())
        });
        let charges = self.charges.iter();
        let charges = charges.map(|charge| charge.course.standing(&charge.host, now()));
        self.overview
            .set(of_files.into_iter().chain(charges).collect());
    }

    fn issuers(&self) -> Issuers<'_> {
        Issuers {
            addresses: &self.options.issuers,
            staging: self.options.staging.as_deref(),
            retry_seconds: self.options.retry_seconds.into(),
        }
    }

    fn next_of(&self, charge: &Charge) -> Next {
        charge
            .course
            .next(charge.served.as_ref(), &self.issuers(), now())
    }

    fn has_work(&self) -> bool {
        let mut nexts = self.charges.iter().map(|charge| self.next_of(charge));
        nexts.any(|next| !matches!(next, Next::Wait(_)))
    }

    /// Does what is to be done, as long as the lease holds.
    async fn work(&mut self, holder: &str) {
        let papers = self.papers.clone();
        let holding = async {
            loop {
                tokio::time::sleep(LEASE_PAUSE).await;
                if !papers.lease(holder, LEASE_SECONDS).await.unwrap_or(false) {
                    return;
                }
            }
        };
        tokio::select! {
            () = self.work_on_all() => {}
            () = holding => tracing::warn!("another process orders certificates now"),
        }
    }

    async fn work_on_all(&mut self) {
        for at in 0..self.charges.len() {
            if let Err(error) = self.work_on(at).await {
                tracing::error!(%error, "certificates cannot be kept");
            }
            self.show();
        }
    }

    async fn work_on(&mut self, at: usize) -> Result<(), PaperError> {
        let host = self.charges[at].host.clone();
        // Whoever had the lease before may have done it.
        let course = self.papers.get::<Course>(&paper_of(&host)).await?;
        self.charges[at].follow(course.unwrap_or_default());
        let mut course = match self.next_of(&self.charges[at]) {
            Next::Wait(_) => return Ok(()),
            Next::AskAboutRenewal => self.ask_about_renewal(&self.charges[at]).await,
            Next::Order {
                issuer,
                is_rehearsal,
            } => self.order(&self.charges[at], &issuer, is_rehearsal).await?,
        };
        let served = self.charges[at].served.as_ref();
        let warning = course.warning(served, now());
        self.papers.put(&paper_of(&host), &course).await?;
        self.charges[at].follow(course);
        if let Some(warning) = warning {
            self.warn(&host, warning);
        }
        Ok(())
    }

    fn ordering<'a>(&'a self, charge: &'a Charge) -> Ordering<'a> {
        let served = charge.served.as_ref();
        Ordering {
            host: &charge.host,
            papers: &self.papers,
            challenges: &self.challenges,
            messenger: self.messenger.clone(),
            asking: &self.options.asking,
            question: charge.course.question(),
            renewal_id: served.and_then(|served| served.facts.renewal_id.as_deref()),
        }
    }

    async fn ask_about_renewal(&self, charge: &Charge) -> Course {
        let mut course = charge.course.clone();
        let issuer = course.kept.as_ref().map(|kept| kept.issuer.clone());
        let ordering = self.ordering(charge);
        let said = match (issuer, ordering.renewal_id) {
            (Some(issuer), Some(id)) => ordering.window(&issuer, id).await,
            _ => Ok(None),
        };
        course.asked(said, now());
        course
    }

    async fn order(
        &self,
        charge: &Charge,
        issuer: &str,
        is_rehearsal: bool,
    ) -> Result<Course, PaperError> {
        let (host, name) = (&charge.host, paper_of(&charge.host));
        let mut course = charge.course.clone();
        let is_same =
            |order: &OrderPaper| order.issuer == issuer && order.is_rehearsal == is_rehearsal;
        let mut order = match course.order.take().filter(is_same) {
            Some(order) => order,
            None => match OrderPaper::new(issuer, is_rehearsal) {
                Ok(order) => order,
                Err(error) => {
                    tracing::error!(%error, "no key can be made");
                    return Ok(course);
                }
            },
        };
        course.order = Some(order.clone());
        self.papers.put(&name, &course).await?;
        let mut ordering = self.ordering(charge);
        let kept_issuer = course.kept.as_ref().map(|kept| kept.issuer.as_str());
        ordering.renewal_id = ordering.renewal_id.filter(|_| kept_issuer == Some(issuer));
        let ordered = ordering.run(&mut order, |order| {
            let mut course = course.clone();
            course.order = Some(order);
            let (papers, name) = (self.papers.clone(), name.clone());
            async move { papers.put(&name, &course).await }
        });
        let outcome: Result<Kept, Trouble> = ordered.await;
        course.order = Some(order);
        match outcome {
            Ok(kept) => {
                tracing::info!(%host, issuer, is_rehearsal, "a certificate was issued");
                course.succeeded(kept, &self.issuers(), now());
            }
            Err(trouble) => {
                tracing::error!(%host, issuer, is_rehearsal, %trouble, "no certificate was issued");
                course.failed(&trouble, &self.issuers(), now());
            }
        }
        Ok(course)
    }

    /// Runs the owner's program. Nobody waits for it.
    fn warn(&self, host: &Host, warning: String) {
        let Some(hook) = self.options.hook.clone() else {
            return;
        };
        let host = host.to_string();
        tokio::task::spawn_blocking(move || {
            let ended = std::process::Command::new(&hook)
                .args([host, warning])
                .status();
            if let Err(error) = ended {
                tracing::error!(%error, hook = %hook.display(), "tls.hook cannot be run");
            }
        });
    }
}

impl Charge {
    /// From now on things stand so.
    fn follow(&mut self, course: Course) {
        let chain = |course: &Course| course.kept.as_ref().map(|kept| kept.chain.clone());
        if self.served.is_none() || chain(&course) != chain(&self.course) {
            let found = course.kept.as_ref().and_then(Kept::certificate);
            // The last good one is better than none.
            self.served = found.or_else(|| self.served.take());
        }
        self.course = course;
    }
}
