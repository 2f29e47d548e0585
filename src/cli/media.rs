//! `inkstand media`: pictures and other files for posts.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::media::{self, Draft, Shown, Wanted};
use crate::domain::actor::Actor;
use crate::domain::id::MediaId;
use crate::domain::media::Media;

use super::output::{Form, Table, moment, one_line, say};
use super::progress::Telling;
use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum MediaCommand {
    /// Keep files and say what to write to show them
    Add {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What there is to see, for those who do not see it
        #[arg(long, default_value = "", hide_default_value = true)]
        alt: String,
        #[command(flatten)]
        telling: Telling,
        #[command(flatten)]
        form: Form,
    },
    /// Files, newest first
    List {
        /// Only those that have these words in name, description or caption
        #[arg(long, default_value = "", hide_default_value = true)]
        words: String,
        /// No more than these; all without it
        #[arg(long)]
        limit: Option<u32>,
        #[command(flatten)]
        form: Form,
    },
    /// What is known of a file
    Show {
        id: i64,
        #[command(flatten)]
        form: Form,
    },
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

#[derive(Debug, Serialize)]
struct Item {
    id: i64,
    name: String,
    /// Where it is, below the site's address.
    path: String,
    mime: String,
    bytes: u64,
    width: Option<u32>,
    height: Option<u32>,
    alt: String,
    caption: String,
    created_at: String,
    /// What to write into a text to show it.
    markdown: String,
}

impl Item {
    fn of(file: &Media) -> Self {
        Self {
            id: file.id.as_i64(),
            name: file.name.clone(),
            path: format!("{}{}", media::PREFIX, file.path),
            mime: file.mime.clone(),
            bytes: file.bytes,
            width: file.width,
            height: file.height,
            alt: file.alt.clone(),
            caption: file.caption.clone(),
            created_at: moment(file.created_at),
            markdown: media::markdown(file),
        }
    }
}

impl MediaCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let actor = Actor::system();
        match self {
            Self::Add {
                files,
                alt,
                telling,
                form,
            } => add(&app, &files, &alt, telling, form),
            Self::List { words, limit, form } => list(&app, &words, limit, form),
            Self::Show { id, form } => show(&app, MediaId::from_i64(id), form),
            Self::Describe { id, alt, caption } => {
                let id = MediaId::from_i64(id);
                let before = media::show(&app, &actor, id)?.media;
                let alt = alt.unwrap_or(before.alt);
                let caption = caption.unwrap_or(before.caption);
                media::describe(&app, &actor, id, &alt, &caption)?;
                say(format!("{id} is described"))
            }
            Self::Replace { id, file } => {
                let (draft, name) = read(&app, &file)?;
                let id = MediaId::from_i64(id);
                let kept = media::replace(&app, &actor, id, draft, &name)?;
                say(media::markdown(&kept))
            }
            Self::Remove { id } => {
                media::remove(&app, &actor, MediaId::from_i64(id))?;
                say(format!("{id} is gone"))
            }
        }
    }
}

fn add(
    app: &App,
    files: &[PathBuf],
    alt: &str,
    telling: Telling,
    form: Form,
) -> Result<(), Failure> {
    let total = Some(files.len() as u64);
    let mut progress = telling.begin("Taking in files", total, form.json);
    let mut kept = Vec::new();
    for file in files {
        let (draft, name) = read(app, file)?;
        let taken = media::add(app, &Actor::system(), draft, &name, alt)?;
        progress.advance(1);
        // Each at once: what is kept stays kept, whatever comes of the next.
        if !form.json {
            progress.aside(|| say(media::markdown(&taken)))?;
        }
        kept.push(Item::of(&taken));
    }
    drop(progress);
    form.list(&kept, String::new)
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

fn show(app: &App, id: MediaId, form: Form) -> Result<(), Failure> {
    let shown = media::show(app, &Actor::system(), id)?;
    let file = &shown.media;
    let copies = file.variants.iter().map(|copy| {
        json!({
            "width": copy.width,
            "height": copy.height,
            "bytes": copy.bytes,
            "path": format!("{}{}", media::PREFIX, copy.path),
        })
    });
    let posts = shown.used_in.iter();
    let posts = posts.map(|post| json!({ "id": post.id, "title": post.content.title }));
    let mut answer = serde_json::to_value(Item::of(file))?;
    answer["copies"] = copies.collect();
    answer["uses"] = shown.uses.into();
    answer["used_in"] = posts.collect();
    form.tell(&answer, || for_people(&shown))
}

fn for_people(shown: &Shown) -> String {
    let file = &shown.media;
    let mut lines = vec![
        format!("name      {}", file.name),
        format!("address   {}{}", media::PREFIX, file.path),
        format!("kind      {}, {} bytes", file.mime, file.bytes),
    ];
    if let (Some(width), Some(height)) = (file.width, file.height) {
        lines.push(format!("size      {width} x {height}"));
    }
    lines.push(format!("alt       {}", one_line(&file.alt)));
    lines.push(format!("caption   {}", one_line(&file.caption)));
    for copy in &file.variants {
        lines.push(format!(
            "copy      {} x {}, {} bytes, {}{}",
            copy.width,
            copy.height,
            copy.bytes,
            media::PREFIX,
            copy.path
        ));
    }
    lines.push(format!("used in   {} posts", shown.uses));
    for post in &shown.used_in {
        lines.push(format!("          {}  {}", post.id, post.content.title));
    }
    lines.join("\n")
}

fn list(app: &App, words: &str, limit: Option<u32>, form: Form) -> Result<(), Failure> {
    let wanted = Wanted {
        words,
        family: None,
    };
    let most = limit.unwrap_or(u32::MAX);
    let mut items = Vec::new();
    let mut offset = 0;
    while offset < most {
        let asked = PAGE.min(most - offset);
        let page = media::list(app, &Actor::system(), wanted, asked, offset)?;
        let is_last = page.len() < asked as usize;
        items.extend(page.iter().map(Item::of));
        offset += asked;
        if is_last {
            break;
        }
    }
    form.list(&items, || {
        let mut table = Table::new(&["ID", "BYTES", "KIND", "ADDRESS"]).right(1);
        for item in &items {
            let cells = [
                item.id.to_string(),
                item.bytes.to_string(),
                item.mime.clone(),
                item.path.clone(),
            ];
            table.row(cells);
        }
        table.to_string()
    })
}
