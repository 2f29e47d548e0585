//! The command line: one file a command. A command reads its words, calls what does the work, and
//! tells what came of it.

mod audit;
mod check;
mod completions;
mod config;
mod doctor;
mod export;
mod healthcheck;
mod help;
mod import;
mod man;
mod media;
mod output;
mod picture_worker;
mod post;
mod progress;
mod redirect;
#[cfg(test)]
mod reference;
mod reindex;
mod release;
mod search;
mod selfcheck;
mod serve;
mod settings;
mod setup;
mod status;
mod theme;
mod token;
mod update;
mod user;
mod versions;
mod webhook;
mod when;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, FromArgMatches as _, Parser, Subcommand};

use crate::app::App;
use crate::boot;
use crate::config::{Config, Flag, Sources};

/// Something went wrong while working; the message says what.
const FAILED: u8 = 1;
/// The command or the configuration cannot be used as it is.
const MISUSED: u8 = 2;

/// Above the options that every command has.
const EVERYWHERE: &str = "Everywhere";

#[derive(Debug, Parser)]
#[command(name = "inkstand", version = crate::domain::VERSION, about = "A blog in one binary", max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Args)]
struct Common {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    config: Option<PathBuf>,
    /// Where everything is kept
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    data_dir: Option<String>,
    /// "sqlite", or `postgres://user:password@host/name`
    #[arg(long, global = true, value_name = "ADDRESS", help_heading = EVERYWHERE)]
    database: Option<String>,
    /// Any option by its name, like `--set cache.size_mb=64`
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = EVERYWHERE)]
    set: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site
    Serve(serve::Serve),
    /// What the running site says of itself
    Status(status::Status),
    /// Read the configuration anew, without a pause
    Reload,
    /// Put a newer version of the program in the place of this one
    Update(update::Update),
    /// Go back to the version before
    Rollback,
    /// Try this program on a data directory, without serving it
    Selfcheck,
    /// Make and check signed releases
    #[command(subcommand)]
    Release(release::ReleaseCommand),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Write and publish posts
    #[command(subcommand)]
    Post(post::PostCommand),
    /// The site's title, language and the like
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// How the site looks
    #[command(subcommand)]
    Theme(theme::ThemeCommand),
    /// Pictures and other files for posts
    #[command(subcommand)]
    Media(media::MediaCommand),
    #[command(hide = true)]
    PictureWorker(picture_worker::PictureWorker),
    /// Addresses that moved
    #[command(subcommand)]
    Redirect(redirect::RedirectCommand),
    /// A new link that makes the site yours, while nobody owns it
    Setup(setup::Setup),
    /// People who write here
    #[command(subcommand)]
    User(user::UserCommand),
    /// Keys for scripts
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Programs elsewhere that are told of what happens here
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Take over a site from elsewhere
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write the whole site into a folder, as markdown and files
    Export(export::Export),
    /// Write the search index anew
    Reindex(reindex::Reindex),
    /// Ask a running site whether it is well
    Healthcheck(healthcheck::Healthcheck),
    /// Find posts as readers do
    Search(search::Search),
    /// What was done here that matters, and by whom
    Audit(audit::Audit),
    /// Look for what is wrong with what the site holds: database, files, links, redirects
    Check(check::Check),
    /// Look for what breaks blogs: disk, database, clock, ports, DNS, certificates
    Doctor(doctor::Doctor),
    /// Print what a shell needs to finish words of ours
    Completions(completions::Completions),
    /// Make manual pages
    Man(man::ManPages),
}

/// Runs the program; what it returns is the exit code.
pub fn run() -> ExitCode {
    let matches = help::command().get_matches();
    let Cli { common, command } = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let outcome = match command {
        Command::Serve(serve) => serve.run(common),
        Command::Status(status) => status.run(common),
        Command::Reload => status::reload(common),
        Command::Update(update) => update.run(common),
        Command::Rollback => update::roll_back(common),
        Command::Selfcheck => selfcheck::run(common),
        Command::Release(release) => release.run(),
        Command::Config(config) => config.run(common),
        Command::Post(post) => post.run(common),
        Command::Settings(settings) => settings.run(common),
        Command::Theme(theme) => theme.run(common),
        Command::Media(media) => media.run(common),
        Command::PictureWorker(worker) => return worker.run(),
        Command::Redirect(redirect) => redirect.run(common),
        Command::Setup(setup) => setup.run(common),
        Command::User(user) => user.run(common),
        Command::Token(token) => token.run(common),
        Command::Webhook(webhook) => webhook.run(common),
        Command::Import(import) => import.run(common),
        Command::Export(export) => export.run(common),
        Command::Reindex(reindex) => reindex.run(common),
        Command::Healthcheck(healthcheck) => healthcheck.run(common),
        Command::Search(search) => search.run(common),
        Command::Audit(audit) => audit.run(common),
        Command::Check(check) => check.run(common),
        Command::Doctor(doctor) => doctor.run(common),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    end(outcome)
}

fn end(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::remark(&failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

impl<E: std::error::Error> From<E> for Failure {
    /// The error with its causes: at the shell the operator may see them.
    fn from(error: E) -> Self {
        let mut message = format!("inkstand: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Self {
            message,
            code: FAILED,
        }
    }
}

fn misused(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: MISUSED,
    }
}

fn failed(why: impl std::fmt::Display) -> Failure {
    Failure {
        message: format!("inkstand: {why}"),
        code: FAILED,
    }
}

impl Common {
    fn sources(self, more: Vec<Flag>) -> Result<Sources, Failure> {
        let mut flags = more;
        if let Some(directory) = self.data_dir {
            flags.push(Flag::named("--data-dir", "data_dir", directory));
        }
        if let Some(address) = self.database {
            flags.push(Flag::named("--database", "database", address));
        }
        for assignment in &self.set {
            flags.push(Flag::from_set(assignment).map_err(|mistake| misused(mistake.to_string()))?);
        }
        Sources::of_process(self.config.as_deref(), flags)
            .map_err(|mistakes| misused(crate::config::list(&mistakes)))
    }

    fn load(self, more: Vec<Flag>) -> Result<Config, Failure> {
        let sources = self.sources(more)?;
        Config::load(&sources).map_err(|mistakes| misused(crate::config::list(&mistakes)))
    }

    /// The store, for commands that work beside a running site or without one.
    fn open_app(self) -> Result<App, Failure> {
        let config = self.load(Vec::new())?;
        Ok(boot::open_app(&config, false)?)
    }
}
