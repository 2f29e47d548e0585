//! Own themes on disk: which there are, what they say of themselves, whether they have changed, and how
//! a new one begins.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::appearance::ThemeName;

use super::layer::files_in;
use super::{Fault, Theme};

const MANIFEST: &str = "theme.toml";
const MAX_MANIFEST_BYTES: u64 = 64 * 1024;
const MAX_OWN_THEMES: usize = 100;
/// Files a new theme begins with; all others it inherits.
const FIRST_FILES: [&str; 3] = ["base.html", "home.html", "teaser.html"];

/// What a theme says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    pub description: String,
    /// A built-in theme; the default one if nothing is said.
    pub extends: Option<ThemeName>,
    /// Its `site.css` comes after that of the theme it extends, rather than in its place.
    pub adds_style: bool,
}

impl Manifest {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    pub(super) fn broken(fault: &Fault) -> Self {
        Self {
            name: fault.theme.to_string(),
            description: format!("cannot be used: {}", fault.message),
            ..Self::default()
        }
    }
}

fn name_of(folder: &Path) -> ThemeName {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.and_then(|name| ThemeName::parse(name).ok())
        .unwrap_or_default()
}

pub(super) fn manifest(folder: &Path) -> Result<Manifest, Fault> {
    let name = name_of(folder);
    let fault = |why: String| Fault::of_file(&name, MANIFEST, &why);
    let path = folder.join(MANIFEST);
    let facts = std::fs::symlink_metadata(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => fault(format!("{} is missing", path.display())),
        _ => fault(error.to_string()),
    })?;
    if !facts.is_file() || facts.len() > MAX_MANIFEST_BYTES {
        return Err(fault(format!(
            "write a file of at most {MAX_MANIFEST_BYTES} bytes"
        )));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| fault(error.to_string()))?;
    Manifest::parse(&text).map_err(fault)
}

/// The folders that could be themes.
pub(super) fn names(own: &Path) -> Vec<ThemeName> {
    let entries = std::fs::read_dir(own).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders
        .filter_map(|entry| ThemeName::parse(entry.file_name().to_str()?).ok())
        .take(MAX_OWN_THEMES)
        .collect()
}

/// A number that changes when a file of the folder does.
pub(super) fn stamp(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in files_in(folder) {
        let facts = std::fs::symlink_metadata(folder.join(&path)).ok();
        let facts = facts.map(|facts| (facts.len(), facts.modified().ok()));
        (path, facts).hash(&mut hasher);
    }
    hasher.finish()
}

/// Makes the folder of a new theme that begins from `base`.
pub fn begin(own: &Path, name: &ThemeName, base: &Theme) -> io::Result<PathBuf> {
    let folder = own.join(name.as_str());
    std::fs::create_dir_all(own)?;
    std::fs::create_dir(&folder)?;
    std::fs::create_dir(folder.join("static"))?;
    let manifest = format!(
        "# What the theme is called where it is chosen.\nname = \"{name}\"\ndescription = \"\"\n\
         # Whatever is not in this folder comes from there.\nextends = \"{}\"\n",
        base.name()
    );
    std::fs::write(folder.join(MANIFEST), manifest)?;
    for file in FIRST_FILES {
        if let Some(text) = base.template(file) {
            std::fs::write(folder.join(file), text)?;
        }
    }
    std::fs::write(folder.join("static/site.css"), base.stylesheet())?;
    Ok(folder)
}
