//! `inkstand media`: pictures and other files for posts.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::app::App;
use crate::app::media::{self, Wanted};
use crate::domain::actor::Actor;
use crate::domain::id::MediaId;

use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum MediaCommand {
    /// Keep files and say what to write to show them
    Add {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What there is to see, for those who do not see it
        #[arg(long, default_value = "")]
        alt: String,
    },
    /// All files, newest first
    List,
    /// Throw a file away
    Remove { id: i64 },
}

const PAGE: u32 = 100;

impl MediaCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        match self {
            Self::Add { files, alt } => files.iter().try_for_each(|file| add(&app, file, &alt)),
            Self::List => list(&app),
            Self::Remove { id } => {
                media::remove(&app, &Actor::system(), MediaId::from_i64(id))?;
                println!("{id} is gone");
                Ok(())
            }
        }
    }
}

fn add(app: &App, file: &Path, alt: &str) -> Result<(), Failure> {
    let actor = Actor::system();
    let unreadable = |error| {
        misused(format!(
            "inkstand: {} cannot be read: {error}",
            file.display()
        ))
    };
    let mut source = File::open(file).map_err(unreadable)?;
    if source.metadata().map_err(unreadable)?.len() > media::MAX_BYTES {
        let limit_mib = media::MAX_BYTES >> 20;
        let why = format!("{} is larger than {limit_mib} MiB", file.display());
        return Err(misused(format!("inkstand: {why}; make it smaller")));
    }
    let mut draft = media::begin(app, &actor)?;
    std::io::copy(&mut source, &mut draft)?;
    draft.flush()?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let kept = media::add(app, &actor, draft, &name, alt)?;
    println!("{}", media::markdown(&kept));
    Ok(())
}

fn list(app: &App) -> Result<(), Failure> {
    let mut offset = 0;
    loop {
        let page = media::list(app, &Actor::system(), Wanted::default(), PAGE, offset)?;
        for file in &page {
            println!(
                "{}  {:>10}  {:<16}  {}{}",
                file.id,
                file.bytes,
                file.mime,
                media::PREFIX,
                file.path
            );
        }
        if page.len() < PAGE as usize {
            return Ok(());
        }
        offset += PAGE;
    }
}
