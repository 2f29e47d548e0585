//! This site as a folder of files that people can read and other programs, too: markdown with front matter,
//! the uploaded files, and what is known of the site. Without passwords, tokens and other secrets. The
//! folder is there whole or not at all. Must not know how an export is asked for.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::moving::{self, Leaving};
use crate::app::{App, Error, media, people, redirects, settings, tags};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::Status;
use crate::domain::redirect::Target;
use crate::domain::text::WebAddress;
use crate::domain::time::Timestamp;

use super::own::{self, Author, Described, FORM, MARK, Mark, Moved, Tag};
use super::yaml::Head;
use super::{Watch, dates};

const BATCH_POSTS: u32 = 200;
const BATCH_FILES: u32 = 200;
const BATCH_RULES: u32 = 500;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{} is not empty and no export; choose a new folder", .0.display())]
    NotEmpty(PathBuf),
    #[error("{} holds an export already; --force puts this one in its place", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written: {source}", .path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error(transparent)]
    App(#[from] Error),
}

/// What an export holds.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub posts: usize,
    pub pages: usize,
    pub files: usize,
    /// Files whose bytes are not on the disk any more.
    pub files_missing: Vec<String>,
    /// Posts with edits readers do not see yet. Those edits are not part of it.
    pub with_pending: usize,
}

/// Writes the site into a folder that is not there yet, is empty, or with `force` holds an earlier export.
pub fn export(
    app: &App,
    actor: &Actor,
    to: &Path,
    force: bool,
    watch: &dyn Watch,
) -> Result<Exported, ExportError> {
    let before = look(to, force)?;
    let failed = |source| ExportError::Folder {
        path: to.to_owned(),
        source,
    };
    let to = std::path::absolute(to).map_err(failed)?;
    let above = to.parent().unwrap_or(&to);
    fs::create_dir_all(above).map_err(failed)?;
    let unfinished = tempfile::Builder::new()
        .prefix(".inkstand-export-")
        .tempdir_in(above)
        .map_err(failed)?;
    let room = unfinished.path().join("export");
    let mut folder = Folder { root: room.clone() };
    let exported = folder.fill(app, actor, watch)?;
    let swap = || -> io::Result<()> {
        File::open(&room)?.sync_all()?;
        if before != Before::Nothing {
            fs::rename(&to, unfinished.path().join("before"))?;
        }
        if let Err(error) = fs::rename(&room, &to) {
            if before != Before::Nothing {
                fs::rename(unfinished.path().join("before"), &to)?;
            }
            return Err(error);
        }
        File::open(above)?.sync_all()
    };
    swap().map_err(failed)?;
    Ok(exported)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// An empty folder, or an export that is to be replaced.
    Replaceable,
}

/// What is where the export is to be.
fn look(to: &Path, force: bool) -> Result<Before, ExportError> {
    let failed = |source| ExportError::Folder {
        path: to.to_owned(),
        source,
    };
    let mut entries = match fs::read_dir(to) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Before::Nothing),
        Err(error) => return Err(failed(error)),
    };
    if entries.next().is_none() {
        return Ok(Before::Replaceable);
    }
    if !to.join(MARK).is_file() {
        return Err(ExportError::NotEmpty(to.to_owned()));
    }
    if force {
        Ok(Before::Replaceable)
    } else {
        Err(ExportError::Exists(to.to_owned()))
    }
}

struct Folder {
    root: PathBuf,
}

impl Folder {
    fn fill(
        &mut self,
        app: &App,
        actor: &Actor,
        watch: &dyn Watch,
    ) -> Result<Exported, ExportError> {
        let mut exported = Exported::default();
        self.write(
            MARK,
            &json(&Mark {
                inkstand_export: FORM,
            })?,
        )?;
        self.write(own::SETTINGS, &json(&settings::read(app)?)?)?;
        let mut authors: Vec<Author> = people::list(app, actor)?
            .into_iter()
            .map(|user| Author {
                slug: user.slug,
                name: user.name,
                email: user.email,
                role: user.role,
                bio: user.bio,
                website: user.website,
                suspended: user.suspended,
            })
            .collect();
        authors.sort_by(|a, b| a.slug.cmp(&b.slug));
        self.write(own::AUTHORS, &json(&authors)?)?;
        let mut all: Vec<Tag> = tags::list(app, actor)?
            .into_iter()
            .map(|(tag, _)| Tag {
                slug: tag.slug,
                name: tag.name,
                description: tag.description,
                colour: tag.colour,
                cover: tag.cover_url,
            })
            .collect();
        all.sort_by(|a, b| a.slug.cmp(&b.slug));
        self.write(own::TAGS, &json(&all)?)?;
        self.write(own::REDIRECTS, &json(&rules(app, actor)?)?)?;
        self.media(app, actor, watch, &mut exported)?;
        self.posts(app, actor, watch, &mut exported)?;
        Ok(exported)
    }

    fn posts(
        &self,
        app: &App,
        actor: &Actor,
        watch: &dyn Watch,
        exported: &mut Exported,
    ) -> Result<(), ExportError> {
        let mut after = PostId::from_i64(0);
        loop {
            let batch = moving::leaving(app, actor, after, BATCH_POSTS)?;
            let Some(last) = batch.last() else {
                return Ok(());
            };
            after = last.post.id;
            for leaving in &batch {
                let post = &leaving.post;
                let file = own::file_of(post.kind, &post.content.slug);
                self.write(&file, text(leaving).as_bytes())?;
                match post.kind {
                    crate::domain::post::Kind::Post => exported.posts += 1,
                    crate::domain::post::Kind::Page => exported.pages += 1,
                }
                exported.with_pending += usize::from(leaving.has_pending);
            }
            watch.done(batch.len());
        }
    }

    fn media(
        &self,
        app: &App,
        actor: &Actor,
        watch: &dyn Watch,
        exported: &mut Exported,
    ) -> Result<(), ExportError> {
        let mut described = Vec::new();
        let mut seen = BTreeSet::new();
        let mut offset = 0;
        loop {
            let batch = media::list(app, actor, media::Wanted::default(), BATCH_FILES, offset)?;
            if batch.is_empty() {
                break;
            }
            offset += BATCH_FILES;
            watch.done(batch.len());
            for file in batch {
                // One that came while this goes on pushes others into the next batch.
                if !seen.insert(file.id) {
                    continue;
                }
                match media::open(app, &file.path) {
                    Ok(media::Found::Here(mut stored)) => {
                        let name = format!("media/{}", file.path);
                        let mut copy = self.begin(&name)?;
                        io::copy(&mut stored.file, &mut copy)
                            .and_then(|_| copy.sync_all())
                            .map_err(|source| self.failed(&name, source))?;
                        exported.files += 1;
                    }
                    Ok(media::Found::Moved(_)) | Err(Error::NotFound) => {
                        exported.files_missing.push(file.path);
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
                described.push(Described {
                    former: moving::former_paths(app, actor, &file)?,
                    path: file.path,
                    name: file.name,
                    alt: file.alt,
                    caption: file.caption,
                });
            }
        }
        described.sort_by(|a, b| a.path.cmp(&b.path));
        self.write(own::MEDIA, &json(&described)?)
    }

    fn begin(&self, name: &str) -> Result<File, ExportError> {
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)
            .and_then(|()| File::create(&path))
            .map_err(|source| self.failed(name, source))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let mut file = self.begin(name)?;
        file.write_all(bytes)
            .map_err(|source| self.failed(name, source))
    }

    fn failed(&self, name: &str, source: io::Error) -> ExportError {
        ExportError::Folder {
            path: self.root.join(name),
            source,
        }
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(Error::internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Redirects that lead to an address; those to posts stand with the posts.
fn rules(app: &App, actor: &Actor) -> Result<Vec<Moved>, Error> {
    let mut all = Vec::new();
    let mut offset = 0;
    loop {
        let batch = redirects::list(app, actor, BATCH_RULES, offset)?;
        if batch.is_empty() {
            break;
        }
        offset += BATCH_RULES;
        for rule in batch {
            if let Target::Address(to) = rule.redirect.to {
                all.push(Moved {
                    from: rule.redirect.from,
                    to,
                    permanent: rule.redirect.permanent,
                });
            }
        }
    }
    all.sort_by(|a, b| a.from.cmp(&b.from));
    all.dedup_by(|a, b| a.from == b.from);
    Ok(all)
}

/// A post as a file.
fn text(leaving: &Leaving) -> String {
    let post = &leaving.post;
    let content = &post.content;
    let mut head = Head::new();
    head.text("title", content.title.as_str());
    head.text("slug", content.slug.as_str());
    let mut time = |name: &str, at: Option<Timestamp>| {
        if let Some(at) = at {
            head.plain(name, &dates::written(at));
        }
    };
    time("date", post.published_at);
    time("updated", Some(post.updated_at));
    time("created", Some(post.created_at));
    time("publish_at", post.publish_at);
    head.plain("status", post.status.as_str());
    if !matches!(post.status, Status::Published | Status::Unlisted) {
        // What other programs read.
        head.plain("draft", "true");
    }
    if let Some(status) = post.trashed_from {
        head.plain("trashed_from", status.as_str());
    }
    head.list(
        "tags",
        leaving.tags.iter().map(crate::domain::text::Name::as_str),
    );
    head.list(
        "authors",
        leaving
            .authors
            .iter()
            .map(crate::domain::slug::Slug::as_str),
    );
    head.text_if("language", content.language.as_ref().map(Language::as_str));
    head.text_if(
        "translations",
        leaving
            .translations
            .as_ref()
            .map(crate::domain::slug::Slug::as_str),
    );
    head.text_if("excerpt", content.excerpt.as_deref());
    if let Some(cover) = &content.cover {
        head.text("cover", cover.url.as_str());
        head.text("cover_alt", &cover.alt);
    }
    head.text_if(
        "canonical_url",
        content.canonical_url.as_ref().map(WebAddress::as_str),
    );
    head.text_if("meta_title", content.meta_title.as_deref());
    head.text_if("meta_description", content.meta_description.as_deref());
    if content.featured {
        head.plain("featured", "true");
    }
    head.text_if("code_head", content.code_head.as_deref());
    head.text_if("code_foot", content.code_foot.as_deref());
    let paths = |lasting: bool| {
        let paths = leaving
            .old_paths
            .iter()
            .filter(move |(_, permanent)| *permanent == lasting);
        paths.map(|(path, _)| path.as_str())
    };
    head.list("aliases", paths(true));
    head.list("temporary_aliases", paths(false));
    head.with_body(&content.markdown)
}
