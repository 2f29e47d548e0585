//! Where configuration comes from: the file, the environment, the flags of the command.
//!
//! Gathers what is there without judging it, except for what cannot be read at all.

use std::path::{Path, PathBuf};

use super::mistake::{Mistake, Place};
use super::options::ENVIRONMENT_PREFIX;

/// A configuration file is a page of text; what is larger is something else by mistake.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Names the file when no `--config` flag does.
const FILE_VARIABLE: &str = "INKSTAND_CONFIG";

/// Looked for in this order when nobody names a file.
const USUAL_FILES: [&str; 2] = ["inkstand.toml", "/etc/inkstand/inkstand.toml"];

#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub file: Option<FileSource>,
    /// Every variable that starts with `INKSTAND_`.
    pub environment: Vec<(String, String)>,
    pub flags: Vec<Flag>,
    /// What systemd says: the unit's `StateDirectory=`.
    pub state_directory: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct FileSource {
    /// As it is shown in messages.
    pub name: String,
    pub text: String,
}

/// One value from the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// As it was typed, such as `--listen` or `--set cache.size_mb`.
    pub name: String,
    pub key: String,
    pub value: String,
}

impl Flag {
    pub fn named(name: &str, key: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            value: value.into(),
        }
    }

    /// Reads the `key=value` of `--set key=value`.
    pub fn from_set(assignment: &str) -> Result<Self, Mistake> {
        match assignment.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                let key = key.trim();
                Ok(Self::named(&format!("--set {key}"), key, value))
            }
            // The text is not repeated: it may be a secret.
            _ => Err(Mistake::new(
                Place::Flag("--set".to_owned()),
                "an option and its value are expected",
                "write --set cache.size_mb=64",
            )),
        }
    }
}

impl Sources {
    /// Gathers what this process was given. `file` is the `--config` flag.
    pub fn of_process(file: Option<&Path>, flags: Vec<Flag>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut environment = Vec::new();
        let mut file_variable = None;
        let ours = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            name.starts_with(ENVIRONMENT_PREFIX)
                .then_some((name, value))
        });
        for (name, value) in ours {
            match value.into_string() {
                Ok(value) if name == FILE_VARIABLE => {
                    file_variable =
                        Some(PathBuf::from(value)).filter(|p| !p.as_os_str().is_empty());
                }
                Ok(value) => environment.push((name, value)),
                Err(_) => mistakes.push(Mistake::new(
                    Place::Environment(name),
                    "the value is not UTF-8",
                    "set it again from a terminal that writes UTF-8",
                )),
            }
        }
        // Sorted, so that messages come in the same order every time.
        environment.sort();
        let named = file.map(Path::to_path_buf).or(file_variable);
        let file = match read_file(named.as_deref()) {
            Ok(file) => file,
            Err(mistake) => {
                mistakes.push(mistake);
                None
            }
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            file,
            environment,
            flags,
            state_directory: state_directory(),
        })
    }
}

/// systemd may list several, separated by colons; the first is the unit's own.
fn state_directory() -> Option<PathBuf> {
    let directories = std::env::var_os("STATE_DIRECTORY")?;
    std::env::split_paths(&directories)
        .next()
        .filter(|path| path.is_absolute())
}

fn read_file(named: Option<&Path>) -> Result<Option<FileSource>, Mistake> {
    let path = match named {
        Some(path) => path,
        None => match USUAL_FILES.iter().map(Path::new).find(|path| path.exists()) {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let text = read_limited(path, MAX_FILE_BYTES).map_err(|problem| {
        let place = Place::File {
            name: path.display().to_string(),
            line: 0,
        };
        Mistake::new(place, problem, "name a readable file with --config")
    })?;
    Ok(Some(FileSource {
        name: path.display().to_string(),
        text,
    }))
}

/// The text of a file of at most `limit_bytes`, or what is wrong with it.
pub(super) fn read_limited(path: &Path, limit_bytes: u64) -> Result<String, String> {
    use std::io::Read as _;

    let file = std::fs::File::open(path)
        .map_err(|error| format!("{} cannot be opened ({error})", path.display()))?;
    let mut bytes = Vec::new();
    file.take(limit_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{} cannot be read ({error})", path.display()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit_bytes) {
        return Err(format!(
            "{} is larger than {limit_bytes} bytes",
            path.display()
        ));
    }
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", path.display()))
}
