//! The launcher at work: one loop that waits for servers, signals, the operator and the clock, and does
//! what follows from them.

use std::ffi::OsString;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::child::{Server, Stage};
use super::control::{Control, Order};
use super::link::{Beginning, News};
use super::listeners::Listeners;
use super::notify::Notify;
use super::succession::{self, Estate, ServerLeft, Will};
use super::{Keeper, LaunchError, Options, Plan};

/// The first wait after a crash; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Who has served so long does not crash because of how it started.
const STEADY_AFTER: Duration = Duration::from_secs(60);
/// A server says twelve times in this time that it is alive.
const SILENCE: Duration = Duration::from_secs(60);
/// A program that has been the launcher for so long can be one.
const SETTLING_TIME: Duration = Duration::from_secs(10);
/// For what is left to do when everything has been answered.
const END_TIME: Duration = Duration::from_secs(10);

/// Why a server did not live on, for the operator.
#[derive(Debug, Clone)]
struct Failure {
    why: String,
    at: Instant,
    last_words: Vec<String>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Launcher<K> {
    keeper: K,
    arguments: Vec<OsString>,
    pub(super) data_dir: PathBuf,
    plan: Plan,
    /// The plan before a reload that is under way, to go back to if it fails.
    plan_before: Option<Plan>,
    listeners: Listeners,
    signals: SignalFd,
    notify: Notify,
    pub(super) control: Option<Control>,
    servers: Vec<Server>,
    /// When the next one is to be started, and how many have crashed in a row.
    restart: Option<Instant>,
    crashes: u32,
    /// Asked for while another candidate was getting ready.
    reload_again: bool,
    stopping: bool,
    announced: bool,
    handovers: u64,
    failure: Option<Failure>,
    next_alive: Option<Instant>,
    /// Once is enough, whatever came of it.
    has_looked_for_successor: bool,
    /// When this program counts as one that holds.
    settles: Option<Instant>,
}

impl<K: Keeper> Launcher<K> {
    pub(super) fn new(mut options: Options<K>, signals: SignalFd) -> Result<Self, LaunchError> {
        let plan = options.keeper.plan().map_err(LaunchError::Plan)?;
        let notify = Notify::of_environment();
        Ok(Self {
            next_alive: notify.watchdog.map(|_| Instant::now()),
            keeper: options.keeper,
            arguments: options.arguments,
            data_dir: options.data_dir,
            plan,
            plan_before: None,
            listeners: Listeners::new(options.inherited),
            signals,
            notify,
            control: None,
            servers: Vec::new(),
            restart: None,
            crashes: 0,
            reload_again: false,
            stopping: false,
            announced: false,
            handovers: 0,
            failure: None,
            has_looked_for_successor: false,
            settles: None,
        })
    }

    /// Goes on where the launcher before has stopped.
    pub(super) fn take_over(mut self, mut estate: Estate) -> Result<Self, LaunchError> {
        self.listeners = Listeners::left(&mut estate)?;
        self.servers.push(Server::left(&mut estate)?);
        if estate.will.has_control {
            self.control = Some(Control::left(&self.data_dir, &mut estate)?);
        }
        self.handovers = estate.will.handovers;
        self.announced = true;
        self.settles = Some(Instant::now() + SETTLING_TIME);
        tracing::info!(
            version = crate::domain::VERSION,
            "a new launcher has taken over"
        );
        Ok(self)
    }

    pub(super) fn go_on(mut self) -> Result<(), LaunchError> {
        loop {
            // What has happened while nobody looked is found at once.
            self.reap()?;
            self.wait()?;
            self.obey_signals()?;
            self.listen_to_servers();
            self.reap()?;
            self.pass_on();
            self.obey_orders();
            self.mind_the_clock();
            if self.stopping && self.servers.is_empty() {
                return Ok(());
            }
        }
    }

    /// Once a version has proved itself, its launcher takes this one's place.
    fn pass_on(&mut self) {
        let [server] = &self.servers[..] else { return };
        let is_settled = server.stage == Stage::Serving && !server.is_on_trial;
        let is_other = server.version != crate::domain::VERSION;
        let is_quiet = self.control.as_ref().is_none_or(Control::is_quiet);
        let is_free = is_settled && is_quiet && !self.stopping;
        if !is_free || !is_other || self.has_looked_for_successor {
            return;
        }
        self.has_looked_for_successor = true;
        let Some((program, arguments)) = self.keeper.successor() else {
            return;
        };
        let will = Will {
            site: self.listeners.addresses(),
            redirect: self.listeners.redirect_addresses(),
            metrics: self.listeners.metrics_address(),
            inherited: self.listeners.inherited(),
            server: ServerLeft {
                pid: server.pid.as_raw(),
                version: server.version.clone(),
                has_words: server.words.is_some(),
            },
            has_control: self.control.is_some(),
            handovers: self.handovers,
        };
        let mut descriptors = self.listeners.descriptors();
        descriptors.push(server.link.as_fd());
        descriptors.extend(server.words.as_ref().map(std::os::fd::AsFd::as_fd));
        descriptors.extend(self.control.as_ref().map(Control::listener));
        let error = succession::pass_on(&will, &descriptors, &program, &arguments);
        tracing::error!(%error, "the new launcher cannot take over; this one goes on");
    }

    fn at(&mut self, stage: Stage) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.stage == stage)
    }

    fn has(&self, stage: Stage) -> bool {
        self.servers.iter().any(|server| server.stage == stage)
    }

    /// Starts a candidate.
    pub(super) fn start(&mut self) -> Result<(), LaunchError> {
        self.restart = None;
        let sockets = self.listeners.open(&self.plan)?;
        let beginning = if self.has(Stage::Serving) {
            Beginning::Handover
        } else {
            Beginning::First
        };
        let program = self.keeper.program();
        let patience = self.plan.ready_time;
        let server = Server::start(program, &self.arguments, beginning, &sockets, patience);
        self.servers.push(server.map_err(LaunchError::Start)?);
        Ok(())
    }

    /// Waits until something happens, or it is time for something.
    fn wait(&self) -> Result<(), LaunchError> {
        let mut watched = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        for server in &self.servers {
            watched.push(PollFd::new(server.link.as_fd(), PollFlags::POLLIN));
            if let Some(words) = &server.words {
                watched.push(PollFd::new(words.as_fd(), PollFlags::POLLIN));
            }
        }
        let control = self.control.iter().flat_map(Control::watched);
        watched.extend(control.map(|socket| PollFd::new(socket, PollFlags::POLLIN)));
        let deadlines = self.servers.iter().filter_map(|server| server.deadline);
        let silences = self.servers.iter().map(|server| server.heard + SILENCE);
        let on_trial = self.servers.iter();
        let on_trial =
            on_trial.filter(|server| server.is_on_trial && server.stage == Stage::Serving);
        let proofs = on_trial.map(|server| server.since + self.plan.trial_time);
        let next = deadlines
            .chain(silences)
            .chain(proofs)
            .chain(self.settles)
            .chain(self.restart)
            .chain(self.next_alive)
            .min();
        let timeout = match next {
            None => PollTimeout::NONE,
            Some(at) => {
                // Rounded up: who wakes too early would only go round.
                let left = at.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
                PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
            }
        };
        match poll(&mut watched, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn obey_signals(&mut self) -> Result<(), LaunchError> {
        while let Some(signal) = self.signals.read_signal()? {
            let number = i32::try_from(signal.ssi_signo).unwrap_or_default();
            match Signal::try_from(number) {
                Ok(Signal::SIGTERM | Signal::SIGINT) => self.stop(),
                Ok(Signal::SIGHUP) => self.reload(),
                // Children are looked after in any case.
                _ => {}
            }
        }
        Ok(())
    }

    fn obey_orders(&mut self) {
        let Some(mut control) = self.control.take() else {
            return;
        };
        let orders = control.hear(|| self.status());
        self.control = Some(control);
        if orders.contains(&Order::RollBack) {
            match self.keeper.roll_back() {
                Ok(()) => self.reload(),
                Err(why) => self.answer_error(&why),
            }
        }
        if orders.contains(&Order::Reload) {
            self.reload();
        }
    }

    /// Puts a new server in the place of the one that serves, with the configuration as it is now.
    fn reload(&mut self) {
        if self.stopping {
            return self.answer_error("the site is stopping");
        }
        if self.has(Stage::Candidate) {
            self.reload_again = true;
            return;
        }
        let planned = self.keeper.plan().map_err(LaunchError::Plan);
        let begun = planned.and_then(|plan| {
            self.plan_before = Some(std::mem::replace(&mut self.plan, plan));
            self.notify.reloading();
            self.start()
        });
        if let Err(error) = begun {
            tracing::error!(%error, "nothing is changed; the server goes on as it is");
            self.go_back();
            self.notify.ready("Serving; a reload has failed");
            self.answer_error(&error.to_string());
        }
    }

    /// A reload has failed: nothing of it stays.
    fn go_back(&mut self) {
        if let Some(plan) = self.plan_before.take() {
            self.plan = plan;
            self.listeners.close_unused(&self.plan);
        }
    }

    fn stop(&mut self) {
        if self.stopping {
            // Asked twice is meant.
            return self.servers.iter().for_each(Server::kill);
        }
        tracing::info!("told to stop; what is under way is finished");
        self.stopping = true;
        self.restart = None;
        // When the server has closed its own, nobody waits for an answer that does not come.
        self.listeners.close();
        self.notify.stopping();
        let patience = self.plan.drain_time + END_TIME;
        for server in &mut self.servers {
            match server.stage {
                // It has promised nobody anything.
                Stage::Candidate => server.kill(),
                Stage::Serving => server.drain(patience),
                Stage::Draining => {}
            }
        }
    }

    fn listen_to_servers(&mut self) {
        let mut is_ready = false;
        for server in &mut self.servers {
            server.listen();
            let news = server.link.news().ok().flatten().unwrap_or_default();
            if !news.is_empty() {
                server.heard = Instant::now();
            }
            for news in news {
                if let News::Ready(version) = news
                    && server.stage == Stage::Candidate
                {
                    server.version = version;
                    is_ready = true;
                }
            }
        }
        if is_ready && !self.stopping {
            self.hand_over();
        }
    }

    /// The candidate serves from now on, and the one before finishes.
    fn hand_over(&mut self) {
        let patience = self.plan.drain_time + END_TIME;
        let is_handover = self.has(Stage::Serving);
        if let Some(old) = self.at(Stage::Serving) {
            old.drain(patience);
        }
        if let Some(new) = self.at(Stage::Candidate) {
            new.serve();
        }
        self.plan_before = None;
        self.has_looked_for_successor = false;
        self.listeners.close_unused(&self.plan);
        if is_handover {
            self.handovers += 1;
            tracing::info!("a new server has taken over; the old one finishes what it has");
        }
        if !self.announced {
            self.announced = true;
            self.listeners.announce(&self.plan);
        }
        self.notify.ready("Serving");
        self.answer(&json!({ "reloaded": true }));
        if std::mem::take(&mut self.reload_again) {
            self.reload();
        }
    }

    /// Sees to the end of every process that has ended: as the first process of a container, also of
    /// those whose parents have gone.
    fn reap(&mut self) -> Result<(), LaunchError> {
        loop {
            let (pid, code, how) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => {
                    let how = format!("it ended with code {code}");
                    (pid, u8::try_from(code).unwrap_or(1), how)
                }
                Ok(WaitStatus::Signaled(pid, signal, _)) => {
                    let code = 128_i32.saturating_add(signal as i32);
                    (
                        pid,
                        u8::try_from(code).unwrap_or(1),
                        format!("it was ended by {signal}"),
                    )
                }
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return Ok(()),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            self.ended(pid, code, &how)?;
        }
    }

    fn ended(&mut self, pid: Pid, code: u8, how: &str) -> Result<(), LaunchError> {
        let Some(at) = self.servers.iter().position(|server| server.pid == pid) else {
            return Ok(());
        };
        let server = self.servers.remove(at);
        let (stage, lived) = (server.stage, server.since.elapsed());
        let (version, is_on_trial) = (server.version.clone(), server.is_on_trial);
        let last_words = server.last_words();
        if self.stopping || stage == Stage::Draining {
            return Ok(());
        }
        // A version on trial has further tries, and then there is the one before.
        if !self.announced && !is_on_trial {
            return Err(LaunchError::NotReady { code });
        }
        let why = match stage {
            Stage::Candidate => format!("a new server ({version}) was not ready: {how}"),
            _ => format!("the server ({version}) crashed: {how}"),
        };
        tracing::error!(%why, "see what it said last with: inkstand status");
        self.answer_error(&why);
        let at = Instant::now();
        self.failure = Some(Failure {
            why,
            at,
            last_words,
        });
        if stage == Stage::Serving && lived > STEADY_AFTER {
            self.crashes = 0;
        }
        if stage == Stage::Candidate {
            self.go_back();
            // Where the old one serves there is no need for further tries.
            if is_on_trial && self.has(Stage::Serving) {
                match self.keeper.roll_back() {
                    Ok(()) => {
                        tracing::error!(version, "rolled back; it is not tried again by itself");
                    }
                    Err(error) => tracing::error!(error, "the version before cannot be chosen"),
                }
            }
        }
        if self.has(Stage::Serving) {
            self.notify.ready("Serving; a new server was not ready");
        } else if !self.has(Stage::Candidate) {
            let pause = FIRST_PAUSE * 2_u32.saturating_pow(self.crashes.min(16));
            self.crashes += 1;
            self.notify
                .status("The server has crashed and is started again");
            self.restart = Some(at + pause.min(LONGEST_PAUSE));
        }
        Ok(())
    }

    fn mind_the_clock(&mut self) {
        let now = Instant::now();
        for server in &mut self.servers {
            let is_late = server.deadline.is_some_and(|deadline| deadline <= now);
            let is_silent = server.stage == Stage::Serving && server.heard + SILENCE <= now;
            if is_late || is_silent {
                tracing::error!(
                    pid = server.pid.as_raw(),
                    stage = ?server.stage,
                    "a server has taken too long and is ended"
                );
                server.kill();
                // Once is enough; its end comes with the next signal.
                server.deadline = None;
                server.heard = now;
            }
        }
        if self.restart.is_some_and(|at| at <= now)
            && let Err(error) = self.start()
        {
            tracing::error!(%error, "the server cannot be started again; trying on");
            self.restart = Some(now + LONGEST_PAUSE);
        }
        if self.settles.is_some_and(|at| at <= now) {
            self.settles = None;
            self.keeper.settled();
        }
        let trial_time = self.plan.trial_time;
        let proved = self
            .at(Stage::Serving)
            .filter(|server| server.is_on_trial && server.since + trial_time <= now);
        if let Some(server) = proved {
            server.is_on_trial = false;
            tracing::info!(
                version = server.version,
                "the new version has proved itself"
            );
            self.keeper.proved();
        }
        if let (Some(at), Some(pause)) = (self.next_alive, self.notify.watchdog)
            && at <= now
        {
            self.notify.alive();
            self.next_alive = Some(now + pause);
        }
    }

    fn answer(&mut self, value: &Value) {
        if let Some(control) = &mut self.control {
            control.answer(value);
        }
    }

    fn answer_error(&mut self, why: &str) {
        self.answer(&json!({ "error": why }));
    }

    fn status(&self) -> Value {
        let servers = self.servers.iter().map(|server| {
            json!({
                "pid": server.pid.as_raw(),
                "version": server.version,
                "is_on_trial": server.is_on_trial,
                "stage": match server.stage {
                    Stage::Candidate => "getting ready",
                    Stage::Serving => "serving",
                    Stage::Draining => "finishing",
                },
                "seconds": server.since.elapsed().as_secs(),
            })
        });
        let failure = self.failure.as_ref().map(|failure| {
            json!({
                "why": failure.why,
                "seconds_ago": failure.at.elapsed().as_secs(),
                "last_words": failure.last_words,
            })
        });
        json!({
            "version": crate::domain::VERSION,
            "pid": std::process::id(),
            "servers": servers.collect::<Vec<_>>(),
            "handovers": self.handovers,
            "crashes_in_a_row": self.crashes,
            "last_failure": failure,
        })
    }
}
