//! The files of one theme, read whole: templates as text, the rest as bytes. Foreign folders are read
//! with limits, and nothing outside of them.

use std::collections::HashMap;
use std::path::Path;

use include_dir::Dir;

use crate::domain::appearance::ThemeName;

use super::Fault;

const STATIC_FOLDER: &str = "static";
pub(super) const STYLESHEET: &str = "site.css";
const MAX_FILES: usize = 500;
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
const MAX_TEMPLATE_BYTES: u64 = 512 * 1024;
const MAX_DEPTH: usize = 4;

#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) templates: HashMap<String, String>,
    /// Static files by their path below `static/`.
    pub(super) files: HashMap<String, Vec<u8>>,
}

impl Layer {
    /// Of a theme in the binary.
    pub(super) fn embedded(folder: &Dir<'_>) -> Self {
        let mut layer = Self::default();
        layer.take_embedded(folder, folder);
        layer
    }

    fn take_embedded(&mut self, root: &Dir<'_>, folder: &Dir<'_>) {
        for file in folder.files() {
            if let Some(path) = file
                .path()
                .strip_prefix(root.path())
                .ok()
                .and_then(Path::to_str)
            {
                self.put(path, file.contents().to_vec());
            }
        }
        for below in folder.dirs() {
            self.take_embedded(root, below);
        }
    }

    /// Of a theme on disk.
    pub(super) fn of_folder(name: &ThemeName, folder: &Path) -> Result<Self, Fault> {
        let mut layer = Self::default();
        for path in files_in(folder) {
            let whole = folder.join(&path);
            let fault = |why: String| Fault::of_file(name, &path, &why);
            let size = std::fs::symlink_metadata(&whole).map_or(0, |facts| facts.len());
            let limit = if is_template(&path) {
                MAX_TEMPLATE_BYTES
            } else {
                MAX_FILE_BYTES
            };
            if size > limit {
                return Err(fault(format!("the file is larger than {limit} bytes")));
            }
            let content = std::fs::read(&whole).map_err(|error| fault(error.to_string()))?;
            if is_template(&path) && std::str::from_utf8(&content).is_err() {
                return Err(fault("the file is not text in UTF-8".to_owned()));
            }
            layer.put(&path, content);
        }
        Ok(layer)
    }

    fn put(&mut self, path: &str, content: Vec<u8>) {
        if let Some(name) = path
            .strip_prefix(STATIC_FOLDER)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            self.files.insert(name.to_owned(), content);
        } else if is_template(path) {
            let text = String::from_utf8_lossy(&content).into_owned();
            self.templates.insert(path.to_owned(), text);
        }
    }

    /// These files over those of `below`; the style sheet after that one's, if `adds_style`.
    pub(super) fn over(mut self, below: &Self, adds_style: bool) -> Self {
        if adds_style && let Some(own) = self.files.get_mut(STYLESHEET) {
            let mut both = below.files.get(STYLESHEET).cloned().unwrap_or_default();
            both.push(b'\n');
            both.append(own);
            *own = both;
        }
        for (name, text) in &below.templates {
            self.templates
                .entry(name.clone())
                .or_insert_with(|| text.clone());
        }
        for (name, content) in &below.files {
            self.files
                .entry(name.clone())
                .or_insert_with(|| content.clone());
        }
        self
    }
}

fn is_template(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|kind| kind == "html")
        && !path.starts_with(STATIC_FOLDER)
}

/// Paths of the regular files below a folder, sorted. Links are not followed: one could lead anywhere.
pub(super) fn files_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(folder, "", 0, &mut found);
    found.sort();
    found.truncate(MAX_FILES);
    found
}

fn walk(folder: &Path, below: &str, depth: usize, found: &mut Vec<String>) {
    if depth > MAX_DEPTH || found.len() > MAX_FILES {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else {
            continue;
        };
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = format!("{below}{name}");
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), depth + 1, found);
        } else if kind.is_file() {
            found.push(path);
        }
    }
}
