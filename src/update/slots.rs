//! The versions of the program in the data directory, and which of them is to run. A version is there
//! whole or not at all; the choice is one small file, replaced at once. Signature and hash are looked
//! at each time before a version runs, so nothing that was put there some other way ever does.
//!
//! The file a package manager owns is never touched: it is what runs when nothing here may.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::artifact::{ArtifactError, copy_checked};
use super::manifest::{Artifact, Manifest, ManifestError};
use super::signature::{Root, SignatureError, Signatures};
use super::version::Version;

const CHOICE_FILE: &str = "choice.json";
const PROGRAM_FILE: &str = "inkstand";
const MANIFEST_FILE: &str = "release.json";
const SIGNATURES_FILE: &str = "release.json.sig";
const UNFINISHED: &str = ".unfinished-";
const ROOTS_FOLDER: &str = "roots";
/// How often a version may start before it has proved itself.
const TRIAL_STARTS: u32 = 3;
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What runs, what ran before, and what this site has learnt about versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// `None`: the program as it was installed.
    pub current: Option<Version>,
    pub previous: Option<Version>,
    pub trial: Option<Trial>,
    /// Versions that did not prove themselves here.
    pub bad: Vec<Version>,
    pub highest_counter: u64,
    /// A program that was put into the launcher's place and has not held yet: never tried twice.
    pub launcher_on_trial: Option<String>,
    /// Names this installation in the choice of who gets a release first.
    pub install_id: String,
}

/// The current version has not proved itself yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Counted down before each start, so that even a power cut counts.
    pub starts_left: u32,
}

/// What is to take the launcher's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Succession {
    Version(Version),
    /// The program as it was installed.
    Installed,
    /// It was tried before and did not hold.
    Failed,
}

#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    #[error("{} cannot be used: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} cannot be read: {source}; delete it to run the program as it was installed", .path.display())]
    Choice {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{0}")]
    Artifact(#[from] ArtifactError),
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    #[error("{0}")]
    Signature(#[from] SignatureError),
    #[error("what is kept as version {found} says it is {said}")]
    OtherVersion { found: Version, said: Version },
    #[error("version {0} has no program for this kind of machine")]
    NoProgram(Version),
    #[error("there is no version to go back to: this is the program as it was installed")]
    NothingBefore,
    #[error("no keys are trusted to sign releases: set update.root, or use a build that has them")]
    NoRoot,
}

#[derive(Debug)]
pub struct Slots {
    folder: PathBuf,
    root: Option<Root>,
}

impl Slots {
    /// `root` is what the program or the configuration trusts; roots that have taken its place since are
    /// followed, each only if the one before wants it.
    pub fn open(folder: &Path, root: Option<Root>) -> Result<Self, SlotError> {
        let mut slots = Self {
            folder: folder.to_owned(),
            root,
        };
        while let Some(root) = &slots.root {
            let file = slots.root_file(root.version + 1);
            let (Some(text), Some(signatures)) = (read(&file)?, read(&with_sig(&file))?) else {
                break;
            };
            slots.root = Some(root.successor(&text, &Signatures::parse(&signatures)?)?);
        }
        Ok(slots)
    }

    fn root_file(&self, version: u32) -> PathBuf {
        let name = format!("{version}.json");
        self.folder.join(ROOTS_FOLDER).join(name)
    }

    pub fn root(&self) -> Result<&Root, SlotError> {
        self.root.as_ref().ok_or(SlotError::NoRoot)
    }

    /// Puts the next root in the place of the present one.
    pub fn replace_root(&mut self, text: &[u8], signatures: &[u8]) -> Result<(), SlotError> {
        let next = self
            .root()?
            .successor(text, &Signatures::parse(signatures)?)?;
        let file = self.root_file(next.version);
        write_whole(&with_sig(&file), signatures)?;
        write_whole(&file, text)?;
        self.root = Some(next);
        Ok(())
    }

    pub fn choice(&self) -> Result<Choice, SlotError> {
        let path = self.folder.join(CHOICE_FILE);
        match read(&path)? {
            None => Ok(Choice::default()),
            Some(text) => {
                serde_json::from_slice(&text).map_err(|source| SlotError::Choice { path, source })
            }
        }
    }

    fn choose(&self, choice: &Choice) -> Result<(), SlotError> {
        let text = serde_json::to_string_pretty(choice).unwrap_or_default();
        write_whole(&self.folder.join(CHOICE_FILE), text.as_bytes())
    }

    /// The name of this installation; made when first asked for by `make`.
    pub fn install_id(&self, make: impl FnOnce() -> String) -> Result<String, SlotError> {
        let mut choice = self.choice()?;
        if choice.install_id.is_empty() {
            choice.install_id = make();
            self.choose(&choice)?;
        }
        Ok(choice.install_id)
    }

    /// Keeps a version, whole and looked at, without running it.
    pub fn keep(
        &self,
        manifest: &Manifest,
        texts: (&[u8], &[u8]),
        program: impl Read,
    ) -> Result<(), SlotError> {
        let artifact = program_for_here(manifest)?;
        let slot = self.slot(&manifest.version);
        let parent = &self.folder;
        fs::create_dir_all(parent).map_err(at(parent))?;
        // What an update that was killed has left.
        for entry in fs::read_dir(parent).map_err(at(parent))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path()).map_err(at(&entry.path()))?;
            }
        }
        let unfinished = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(parent);
        let unfinished = unfinished.map_err(at(parent))?;
        let path = unfinished.path().join(PROGRAM_FILE);
        let mut file = File::create(&path).map_err(at(&path))?;
        copy_checked(program, &mut file, artifact)?;
        let runnable = fs::Permissions::from_mode(0o755);
        file.set_permissions(runnable).map_err(at(&path))?;
        file.sync_all().map_err(at(&path))?;
        write_whole(&unfinished.path().join(MANIFEST_FILE), texts.0)?;
        write_whole(&unfinished.path().join(SIGNATURES_FILE), texts.1)?;
        // A version that is there already may be damaged; the new one is not.
        if slot.exists() {
            fs::remove_dir_all(&slot).map_err(at(&slot))?;
        }
        fs::rename(unfinished.keep(), &slot).map_err(at(&slot))?;
        sync(parent)
    }

    fn slot(&self, version: &Version) -> PathBuf {
        self.folder.join(version.to_string())
    }

    /// Where the program of a version is, after looking at its signatures and every byte of it.
    pub fn program(&self, version: &Version) -> Result<PathBuf, SlotError> {
        let slot = self.slot(version);
        let need = |name: &str| {
            let path = slot.join(name);
            let gone = || at(&path)(io::ErrorKind::NotFound.into());
            read(&path)?.ok_or_else(gone)
        };
        let manifest =
            Manifest::read(&need(MANIFEST_FILE)?, &need(SIGNATURES_FILE)?, self.root()?)?;
        if manifest.version != *version {
            return Err(SlotError::OtherVersion {
                found: version.clone(),
                said: manifest.version,
            });
        }
        let program = slot.join(PROGRAM_FILE);
        let file = File::open(&program).map_err(at(&program))?;
        copy_checked(file, io::sink(), program_for_here(&manifest)?)?;
        Ok(program)
    }

    /// From the next start on this version runs, and has to prove itself.
    pub fn try_out(&self, version: &Version, counter: u64) -> Result<(), SlotError> {
        let mut choice = self.choice()?;
        if choice.current.as_ref() != Some(version) {
            choice.previous = choice.current.take();
        }
        choice.current = Some(version.clone());
        choice.trial = Some(Trial {
            starts_left: TRIAL_STARTS,
        });
        choice.bad.retain(|bad| bad != version);
        choice.highest_counter = choice.highest_counter.max(counter);
        self.choose(&choice)
    }

    /// What is to be started now: a version, or `None` for the program as it was installed. On trial, the
    /// start is counted before it happens; when none is left, the version before comes back.
    pub fn start(&self) -> Result<Choice, SlotError> {
        let mut choice = self.choice()?;
        match &mut choice.trial {
            None => {}
            Some(Trial { starts_left: 0 }) => return self.roll_back(),
            Some(trial) => {
                trial.starts_left -= 1;
                self.choose(&choice)?;
            }
        }
        Ok(choice)
    }

    /// The version before comes back, and this one is not tried again by itself.
    pub fn roll_back(&self) -> Result<Choice, SlotError> {
        let mut choice = self.choice()?;
        let Some(bad) = choice.current.take() else {
            return Err(SlotError::NothingBefore);
        };
        if !choice.bad.contains(&bad) {
            choice.bad.push(bad);
        }
        choice.current = choice.previous.take();
        choice.trial = None;
        self.choose(&choice)?;
        Ok(choice)
    }

    /// The current version is to take the launcher's place. Noted before it happens: one that does not hold
    /// is not tried again.
    pub fn begin_launcher(&self) -> Result<Succession, SlotError> {
        let mut choice = self.choice()?;
        let (name, succession) = match &choice.current {
            Some(version) => (version.to_string(), Succession::Version(version.clone())),
            None => ("installed".to_owned(), Succession::Installed),
        };
        if choice.launcher_on_trial.as_ref() == Some(&name) {
            return Ok(Succession::Failed);
        }
        choice.launcher_on_trial = Some(name);
        self.choose(&choice)?;
        Ok(succession)
    }

    /// The launcher that was tried is one.
    pub fn launcher_holds(&self) -> Result<(), SlotError> {
        let mut choice = self.choice()?;
        choice.launcher_on_trial = None;
        self.choose(&choice)
    }

    /// The current version has proved itself; what is older than the one before goes.
    pub fn prove(&self) -> Result<(), SlotError> {
        let mut choice = self.choice()?;
        choice.trial = None;
        self.choose(&choice)?;
        let kept = [&choice.current, &choice.previous];
        let entries = fs::read_dir(&self.folder).map_err(at(&self.folder))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_kept =
                |version: &Version| kept.iter().any(|kept| kept.as_ref() == Some(version));
            if Version::parse(&name).is_ok_and(|version| !is_kept(&version)) {
                let path = entry.path();
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }
}

fn program_for_here(manifest: &Manifest) -> Result<&Artifact, SlotError> {
    let artifact = manifest.artifact(&super::target());
    artifact.ok_or_else(|| SlotError::NoProgram(manifest.version.clone()))
}

fn at(path: &Path) -> impl Fn(io::Error) -> SlotError {
    let path = path.to_owned();
    move |source| SlotError::Io {
        path: path.clone(),
        source,
    }
}

fn with_sig(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// `None`: there is no such file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, SlotError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(path)(error)),
    };
    let mut bytes = Vec::new();
    let read = file.take(MAX_FILE_BYTES).read_to_end(&mut bytes);
    read.map_err(at(path))?;
    Ok(Some(bytes))
}

/// All of the file or none of it, whenever the power goes.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), SlotError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|failed| failed.error)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(at(path))
}

fn sync(folder: &Path) -> Result<(), SlotError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(at(folder))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::super::manifest::Schema;
    use super::super::signature::{Purpose, SecretKey};
    use super::*;
    use crate::domain::text::hex;

    struct Lab {
        folder: tempfile::TempDir,
        key: SecretKey,
        root: Root,
    }

    impl Lab {
        fn new() -> Self {
            let key = SecretKey::new().unwrap();
            let root = Root::text(1, 1, vec![key.public()]).unwrap();
            Self {
                folder: tempfile::tempdir().unwrap(),
                root: Root::trusted(root.as_bytes()).unwrap(),
                key,
            }
        }

        fn slots(&self) -> Slots {
            Slots::open(self.folder.path(), Some(self.root.clone())).unwrap()
        }

        fn keep(&self, version: &str) -> Version {
            let version = Version::parse(version).unwrap();
            let program = format!("program {version}");
            let manifest = Manifest {
                counter: 1,
                version: version.clone(),
                channel: "stable".to_owned(),
                expires_at: "2030-01-01T00:00:00Z".parse().unwrap(),
                artifacts: vec![Artifact {
                    target: super::super::target(),
                    path: "inkstand".to_owned(),
                    bytes: program.len() as u64,
                    sha256: hex(&Sha256::digest(&program)),
                }],
                schema: Schema {
                    oldest: 1,
                    newest: 1,
                },
                minimum_from: None,
                rollout_percent: 100,
                halted: Vec::new(),
                notes: String::new(),
            };
            let text = serde_json::to_vec(&manifest).unwrap();
            let mut signatures = Signatures::default();
            signatures.sign(Purpose::Manifest, &text, &self.key);
            let signatures = signatures.to_json();
            let texts = (&*text, signatures.as_bytes());
            self.slots()
                .keep(&manifest, texts, program.as_bytes())
                .unwrap();
            version
        }
    }

    #[test]
    fn a_version_that_proves_itself_stays_and_the_one_before_is_kept() {
        let lab = Lab::new();
        let slots = lab.slots();
        let versions = ["1.0.0", "1.1.0", "1.2.0"].map(|version| {
            let version = lab.keep(version);
            slots.try_out(&version, 5).unwrap();
            slots.start().unwrap();
            slots.prove().unwrap();
            version
        });
        let choice = slots.choice().unwrap();
        assert_eq!(choice.current.as_ref(), Some(&versions[2]));
        assert_eq!((choice.trial, choice.highest_counter), (None, 5));
        assert!(slots.program(&versions[2]).is_ok() && slots.program(&versions[1]).is_ok());
        assert!(slots.program(&versions[0]).is_err(), "pruned");
        assert_eq!(
            slots.roll_back().unwrap().current.as_ref(),
            Some(&versions[1])
        );
        assert_eq!(slots.roll_back().unwrap().current, None);
        assert!(matches!(slots.roll_back(), Err(SlotError::NothingBefore)));
        assert_eq!(slots.choice().unwrap().bad.len(), 2);
    }

    #[test]
    fn what_a_killed_update_has_left_goes_with_the_next() {
        let lab = Lab::new();
        let left = lab.folder.path().join(format!("{UNFINISHED}x"));
        fs::create_dir_all(&left).unwrap();
        lab.keep("1.0.0");
        assert!(!left.exists());
    }

    #[test]
    fn the_fourth_start_of_a_trial_is_that_of_the_version_before() {
        let lab = Lab::new();
        let slots = lab.slots();
        let version = lab.keep("1.0.0");
        slots.try_out(&version, 1).unwrap();
        for left in (0..TRIAL_STARTS).rev() {
            // Another process each time, as after a power cut.
            let choice = lab.slots().start().unwrap();
            assert_eq!(choice.current.as_ref(), Some(&version));
            assert_eq!(choice.trial, Some(Trial { starts_left: left }));
        }
        let choice = lab.slots().start().unwrap();
        assert_eq!((choice.current, choice.bad), (None, vec![version]));
    }

    #[test]
    fn what_was_put_there_some_other_way_does_not_run() {
        let lab = Lab::new();
        let slots = lab.slots();
        let version = lab.keep("1.0.0");
        let program = slots.program(&version).unwrap();
        fs::write(&program, "program 1.0.1").unwrap();
        assert!(matches!(
            slots.program(&version),
            Err(SlotError::Artifact(ArtifactError::WrongHash))
        ));
        let other = lab.keep("2.0.0");
        fs::rename(
            slots.slot(&other),
            slots.slot(&version).with_file_name("2.0.1"),
        )
        .unwrap();
        let renamed = Version::parse("2.0.1").unwrap();
        assert!(matches!(
            slots.program(&renamed),
            Err(SlotError::OtherVersion { .. })
        ));
        lab.keep("1.0.0");
        let stranger = Lab::new();
        let slots = Slots::open(lab.folder.path(), Some(stranger.root)).unwrap();
        assert!(matches!(
            slots.program(&version),
            Err(SlotError::Manifest(_))
        ));
        let slots = Slots::open(lab.folder.path(), None).unwrap();
        assert!(matches!(slots.program(&version), Err(SlotError::NoRoot)));
    }

    #[test]
    fn roots_are_followed_only_from_the_one_that_is_trusted() {
        let lab = Lab::new();
        let next = SecretKey::new().unwrap();
        let text = Root::text(2, 1, vec![next.public()]).unwrap();
        let mut signatures = Signatures::default();
        signatures.sign(Purpose::Root, text.as_bytes(), &next);
        let by = |signatures: &Signatures| signatures.to_json();
        let mut slots = lab.slots();
        assert!(
            slots
                .replace_root(text.as_bytes(), by(&signatures).as_bytes())
                .is_err()
        );
        signatures.sign(Purpose::Root, text.as_bytes(), &lab.key);
        slots
            .replace_root(text.as_bytes(), by(&signatures).as_bytes())
            .unwrap();
        assert_eq!(lab.slots().root().unwrap().version, 2);
        fs::write(
            slots.root_file(2),
            text.replace("\"threshold\": 1", "\"threshold\":  1"),
        )
        .unwrap();
        assert!(Slots::open(lab.folder.path(), Some(lab.root.clone())).is_err());
    }
}
