//! `inkstand media`: pictures and other files for posts.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::app::App;
use crate::app::media::{self, Draft, Wanted};
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
    /// What is known of a file
    Show { id: i64 },
    /// Say what there is to see in it, and what stands under it
    Describe {
        id: i64,
        #[arg(long)]
        alt: Option<String>,
        #[arg(long)]
        caption: Option<String>,
    },
    /// Put another file in its place; texts show that one from then on
    Replace { id: i64, file: PathBuf },
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
            Self::Show { id } => show(&app, MediaId::from_i64(id)),
            Self::Describe { id, alt, caption } => {
                let (id, actor) = (MediaId::from_i64(id), Actor::system());
                let before = media::show(&app, &actor, id)?.media;
                let alt = alt.unwrap_or(before.alt);
                let caption = caption.unwrap_or(before.caption);
                media::describe(&app, &actor, id, &alt, &caption)?;
                Ok(())
            }
            Self::Replace { id, file } => {
                let (draft, name) = read(&app, &file)?;
                let id = MediaId::from_i64(id);
                let kept = media::replace(&app, &Actor::system(), id, draft, &name)?;
                println!("{}", media::markdown(&kept));
                Ok(())
            }
            Self::Remove { id } => {
                media::remove(&app, &Actor::system(), MediaId::from_i64(id))?;
                println!("{id} is gone");
                Ok(())
            }
        }
    }
}

fn add(app: &App, file: &Path, alt: &str) -> Result<(), Failure> {
    let (draft, name) = read(app, file)?;
    let kept = media::add(app, &Actor::system(), draft, &name, alt)?;
    println!("{}", media::markdown(&kept));
    Ok(())
}

/// A file of the shell's on its way in, and its name.
fn read(app: &App, file: &Path) -> Result<(Draft, String), Failure> {
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
    let mut draft = media::begin(app, &Actor::system())?;
    std::io::copy(&mut source, &mut draft)?;
    draft.flush()?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok((draft, name.into_owned()))
}

fn show(app: &App, id: MediaId) -> Result<(), Failure> {
    let shown = media::show(app, &Actor::system(), id)?;
    let file = &shown.media;
    println!("name      {}", file.name);
    println!("address   {}{}", media::PREFIX, file.path);
    println!("kind      {}, {} bytes", file.mime, file.bytes);
    if let (Some(width), Some(height)) = (file.width, file.height) {
        println!("size      {width} x {height}");
    }
    println!("alt       {}", file.alt);
    println!("caption   {}", file.caption);
    for copy in &file.variants {
        println!(
            "copy      {} x {}, {} bytes, {}{}",
            copy.width,
            copy.height,
            copy.bytes,
            media::PREFIX,
            copy.path
        );
    }
    println!("used in   {} posts", shown.uses);
    for post in &shown.used_in {
        println!("          {}  {}", post.id, post.content.title.as_str());
    }
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
