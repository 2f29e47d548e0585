//! `inkstand import`: takes over a site somebody has elsewhere. Says first what would become of it.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::{Args, Subcommand, ValueEnum};
use jiff::tz::TimeZone;

use crate::app::{App, settings};
use crate::domain::actor::Actor;
use crate::domain::slug::Slug;
use crate::port::{self, Format, Report, Watch, Wishes};

use super::output::{Form, remark};
use super::progress::{Progress, Telling};
use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Posts, pages and files of a folder: a site of Hugo, Jekyll or Zola, plain markdown, or an export
    /// of Inkstand
    Markdown(Markdown),
}

#[derive(Debug, Args)]
pub(super) struct Markdown {
    /// The folder the whole site is in
    dir: PathBuf,
    /// Say what would become of it, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write without asking
    #[arg(long, short, conflicts_with = "dry_run")]
    yes: bool,
    /// Whose the posts are whose authors are not here, by the name in their address; otherwise the owner's
    #[arg(long, value_name = "SLUG")]
    author: Option<String>,
    /// What the folder is
    #[arg(long, value_enum, default_value_t = FormatWord::Auto)]
    format: FormatWord,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    telling: Telling,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatWord {
    /// What it looks like
    Auto,
    Hugo,
    Jekyll,
    Zola,
    Plain,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Auto => Self::Auto,
            FormatWord::Hugo => Self::Hugo,
            FormatWord::Jekyll => Self::Jekyll,
            FormatWord::Zola => Self::Zola,
            FormatWord::Plain => Self::Plain,
        }
    }
}

impl ImportCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let Self::Markdown(markdown) = self;
        markdown.run(common)
    }
}

impl Markdown {
    fn run(self, common: Common) -> Result<(), Failure> {
        let may_ask = io::stdin().is_terminal() && io::stderr().is_terminal() && !self.form.json;
        if !(self.dry_run || self.yes || may_ask) {
            return Err(misused(
                "inkstand: nobody is here to be asked; see what would happen with --dry-run, then write with --yes",
            ));
        }
        let author = self.author.as_deref().map(Slug::parse).transpose()?;
        let app = common.open_app()?;
        let mut wishes = Wishes {
            dry_run: !self.yes,
            author,
        };
        let report = self.carry(&app, &wishes)?;
        if self.yes || self.dry_run {
            return self.tell(&report);
        }
        remark(report.text());
        if !report.changes_something() {
            remark("Everything is here already.");
            return Ok(());
        }
        if !is_wanted()? {
            remark("Nothing was written.");
            return Ok(());
        }
        wishes.dry_run = false;
        let report = self.carry(&app, &wishes)?;
        self.tell(&report)
    }

    /// Looks at the folder anew each time: it may have changed while somebody was thinking.
    fn carry(&self, app: &App, wishes: &Wishes) -> Result<Report, Failure> {
        let zone = settings::read(app)?.time_zone;
        let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let now = app.db.clock().now();
        let what = if wishes.dry_run {
            "Looking"
        } else {
            "Importing"
        };
        let shown = Shown::begin(self.telling.begin(what, None, self.form.json));
        let source = port::open(&self.dir, self.format.into(), &zone, now)?;
        Ok(port::carry(
            app,
            &Actor::system(),
            &*source,
            wishes,
            &shown,
        )?)
    }

    fn tell(&self, report: &Report) -> Result<(), Failure> {
        self.form.tell(report, || {
            let mut text = report.text();
            text.push_str(match (report.dry_run, report.changes_something()) {
                (true, true) => "\nNothing was written. Run it with --yes to take this over.\n",
                (true, false) => "\nNothing was written, and there is nothing to write.\n",
                (false, true) => "\nDone. Running it again changes nothing.\n",
                (false, false) => "\nNothing had to be written.\n",
            });
            text
        })
    }
}

fn is_wanted() -> Result<bool, Failure> {
    let mut errors = io::stderr().lock();
    write!(errors, "\nTake this over? [y/N] ")?;
    errors.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// How far the work is, told from several threads.
pub(super) struct Shown(Mutex<Progress>);

impl Shown {
    pub(super) fn begin(progress: Progress) -> Self {
        Self(Mutex::new(progress))
    }
}

impl Watch for Shown {
    fn begin(&self, total: usize) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.has_total(total as u64);
    }

    fn done(&self, more: usize) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.advance(more as u64);
    }
}
