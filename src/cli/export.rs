//! `inkstand export`: the site as a folder of markdown and files.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::domain::actor::Actor;
use crate::port::{self, Exported};

use super::import::Shown;
use super::output::Form;
use super::progress::Telling;
use super::{Common, Failure};

#[derive(Debug, Args)]
pub(super) struct Export {
    /// A folder that is not there yet, or empty
    dir: PathBuf,
    /// Put it in the place of an earlier export
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    telling: Telling,
}

impl Export {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let shown = Shown::begin(self.telling.begin("Exporting", None, self.form.json));
        let exported = port::export(&app, &Actor::system(), &self.dir, self.force, &shown)?;
        drop(shown);
        self.form.tell(&exported, || self.words(&exported))
    }

    fn words(&self, exported: &Exported) -> String {
        let Exported {
            posts,
            pages,
            files,
            files_missing,
            with_pending,
        } = exported;
        let mut words = format!(
            "{posts} posts, {pages} pages and {files} files are in {}\n",
            self.dir.display()
        );
        // Writing to a string cannot fail.
        if *with_pending > 0 {
            let _ = writeln!(
                words,
                "{with_pending} of them have edits that wait; publish those edits first if they are to be in it"
            );
        }
        for path in files_missing {
            let _ = writeln!(words, "{path} is missing on the disk and not in it");
        }
        words
    }
}
