//! `inkstand release`: for whoever publishes versions of the program. Makes a directory that any server of
//! static files can hand out.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::boot;
use crate::domain::text::hex;
use crate::update::{
    Artifact, Manifest, Purpose, Root, Schema, SecretKey, Signatures, Version, copy_checked, target,
};

use super::output::say;
use super::{Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum ReleaseCommand {
    /// Make a secret key, and its public one beside it in FILE.pub
    Keygen { file: PathBuf },
    /// Make a set of trusted keys: DIR/roots/VERSION.json
    Root {
        directory: PathBuf,
        #[arg(long)]
        version: u32,
        /// How many of the keys must sign a release
        #[arg(long)]
        threshold: usize,
        /// A file with a public key
        #[arg(long, required = true)]
        trust: Vec<PathBuf>,
        /// Secret keys that sign the set: enough of the old set and enough of the new one
        #[arg(long)]
        key: Vec<PathBuf>,
    },
    /// Add signatures to a manifest or a set of keys
    Sign {
        file: PathBuf,
        #[arg(long, required = true)]
        key: Vec<PathBuf>,
        /// The file is a set of keys
        #[arg(long)]
        root: bool,
    },
    /// Put a version of the program into a release directory
    Publish {
        directory: PathBuf,
        #[arg(long)]
        program: PathBuf,
        #[arg(long)]
        version: String,
        #[arg(long, default_value = "stable")]
        channel: String,
        /// Higher than that of each release before
        #[arg(long)]
        counter: u64,
        /// How long sites may take it
        #[arg(long, default_value_t = 30)]
        days: u16,
        /// Of a hundred sites, how many take it by themselves
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
        rollout: u8,
        /// Older versions must update to this one first
        #[arg(long)]
        minimum_from: Option<String>,
        /// A version that has turned out bad
        #[arg(long)]
        halt: Vec<String>,
        /// A file that says what is new
        #[arg(long)]
        notes: Option<PathBuf>,
        /// Secret keys that sign it now; others can follow with `release sign`
        #[arg(long)]
        key: Vec<PathBuf>,
    },
    /// Check a channel of a release directory as a site would
    Verify {
        directory: PathBuf,
        /// The trusted keys
        #[arg(long)]
        root: PathBuf,
        #[arg(long, default_value = "stable")]
        channel: String,
    },
}

impl ReleaseCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Keygen { file } => keygen(&file),
            Self::Root {
                directory,
                version,
                threshold,
                trust,
                key,
            } => {
                let keys = trust.iter().map(|path| text_of(path));
                let keys = keys.map(|text| text.map(|text| text.trim().to_owned()));
                let text = Root::text(version, threshold, keys.collect::<Result<_, _>>()?)?;
                let file = directory.join(format!("roots/{version}.json"));
                write(&file, text.as_bytes())?;
                sign(&file, Purpose::Root, &key)?;
                say(format!("{} is there", file.display()))
            }
            Self::Sign { file, key, root } => {
                let purpose = if root {
                    Purpose::Root
                } else {
                    Purpose::Manifest
                };
                sign(&file, purpose, &key)?;
                say(format!("{} is signed", file.display()))
            }
            Self::Publish {
                directory,
                program,
                version,
                channel,
                counter,
                days,
                rollout,
                minimum_from,
                halt,
                notes,
                key,
            } => {
                let version = Version::parse(&version)?;
                let minimum_from = minimum_from.as_deref().map(Version::parse).transpose()?;
                let halted = halt.iter().map(|version| Version::parse(version));
                let life = SignedDuration::from_hours(24 * i64::from(days));
                let manifest = Manifest {
                    counter,
                    artifacts: vec![copy_program(&directory, &program, &version)?],
                    version,
                    channel,
                    expires_at: Timestamp::now() + life,
                    schema: Schema {
                        oldest: 0,
                        newest: boot::SCHEMA_VERSION,
                    },
                    minimum_from,
                    rollout_percent: rollout,
                    halted: halted.collect::<Result<_, _>>()?,
                    notes: notes
                        .as_deref()
                        .map(text_of)
                        .transpose()?
                        .unwrap_or_default(),
                };
                publish(&directory, &manifest, &key)
            }
            Self::Verify {
                directory,
                root,
                channel,
            } => verify(&directory, &root, &channel),
        }
    }
}

fn keygen(file: &Path) -> Result<(), Failure> {
    let key = SecretKey::new()?;
    let exists = |error: io::Error| misused(format!("inkstand: {}: {error}", file.display()));
    let mut options = File::options();
    let options = options.write(true).create_new(true).mode(0o600);
    let mut secret = options.open(file).map_err(exists)?;
    writeln!(secret, "{}", key.expose())?;
    secret.sync_all()?;
    let public = beside(file, ".pub");
    write(&public, format!("{}\n", key.public()).as_bytes())?;
    say(format!(
        "Keep {} offline; {} is for everybody",
        file.display(),
        public.display()
    ))
}

fn publish(directory: &Path, manifest: &Manifest, keys: &[PathBuf]) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(manifest)?;
    let release = format!("releases/{}.json", manifest.version);
    let channel = format!("{}.json", manifest.channel);
    // The channel last: whoever reads it finds all it names.
    for name in [release, channel] {
        let file = directory.join(name);
        write(&file, &text)?;
        sign(&file, Purpose::Manifest, keys)?;
        say(format!("{} is there", file.display()))?;
    }
    Ok(())
}

fn copy_program(directory: &Path, program: &Path, version: &Version) -> Result<Artifact, Failure> {
    let target = target();
    let path = format!("programs/{version}/{target}/inkstand");
    let bytes = fs::read(program)
        .map_err(|error| misused(format!("inkstand: {}: {error}", program.display())))?;
    write(&directory.join(&path), &bytes)?;
    Ok(Artifact {
        target,
        path,
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(&bytes)),
    })
}

fn verify(directory: &Path, root: &Path, channel: &str) -> Result<(), Failure> {
    let mut root = Root::trusted(text_of(root)?.as_bytes())?;
    loop {
        let file = directory.join(format!("roots/{}.json", root.version + 1));
        if !file.exists() {
            break;
        }
        let signatures = Signatures::parse(text_of(&beside(&file, ".sig"))?.as_bytes())?;
        root = root.successor(text_of(&file)?.as_bytes(), &signatures)?;
    }
    let file = directory.join(format!("{channel}.json"));
    let signatures = text_of(&beside(&file, ".sig"))?;
    let manifest = Manifest::read(text_of(&file)?.as_bytes(), signatures.as_bytes(), &root)?;
    for artifact in &manifest.artifacts {
        let program = File::open(directory.join(&artifact.path))?;
        copy_checked(program, io::sink(), artifact)?;
    }
    say(format!(
        "{} is vouched for by the keys of version {}",
        manifest.version, root.version
    ))
}

/// Adds signatures to those that are there for the same bytes; others would be no use.
fn sign(file: &Path, purpose: Purpose, keys: &[PathBuf]) -> Result<(), Failure> {
    let bytes = text_of(file)?;
    let place = beside(file, ".sig");
    let known = fs::read(&place).ok();
    let known = known.map(|known| Signatures::parse(&known)).transpose()?;
    let mut signatures = known.unwrap_or_default();
    for key in keys {
        let key = SecretKey::parse(&text_of(key)?)?;
        signatures.sign(purpose, bytes.as_bytes(), &key);
    }
    write(&place, signatures.to_json().as_bytes())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn text_of(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        misused(format!(
            "inkstand: {} cannot be read: {error}",
            path.display()
        ))
    })
}

/// Whole or not at all: somebody may be reading.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    let readable: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(readable)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
