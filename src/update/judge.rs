//! Whether this site takes a release that is vouched for.

use sha2::{Digest as _, Sha256};

use super::manifest::{Artifact, Manifest};
use super::version::Version;

/// What the answer depends on besides the release.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    pub running: Version,
    pub target: &'a str,
    pub channel: &'a str,
    pub highest_counter: u64,
    pub now: jiff::Timestamp,
    pub schema: u32,
    /// Names this installation, and nothing else about it.
    pub install_id: &'a str,
    /// The owner wants exactly this one.
    pub asked_for: Option<&'a Version>,
    /// Versions that did not prove themselves here.
    pub bad: &'a [Version],
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is what runs here")]
    AlreadyRunning(Version),
    #[error(
        "the release is one of “{found}”, and “{wanted}” was asked for: somebody passes one off for the other"
    )]
    OtherChannel { found: String, wanted: String },
    #[error(
        "the release has number {found}, and {seen} was seen before: somebody shows an old one"
    )]
    LowerCounter { found: u64, seen: u64 },
    #[error("the release's word ended on {0}; whoever publishes must renew it")]
    Expired(jiff::Timestamp),
    #[error("{0} is older than what runs here; ask for it with --to {0}")]
    Downgrade(Version),
    #[error("{0} has turned out bad and was called back")]
    Halted(Version),
    #[error("{0} failed here before and was rolled back; ask for it with --to {0}")]
    Bad(Version),
    #[error(
        "{version} is given to {percent} of 100 sites so far, and this is not one of them; ask for it with --to {version}"
    )]
    NotYet { version: Version, percent: u8 },
    #[error("{version} needs {least} first; update to that")]
    TooOld { version: Version, least: Version },
    #[error("{version} works on databases from {oldest} to {newest}, and this one is {found}")]
    Schema {
        version: Version,
        oldest: u32,
        newest: u32,
        found: u32,
    },
    #[error("{version} is not made for this kind of machine ({target})")]
    NoProgram { version: Version, target: String },
}

pub fn judge<'m>(
    manifest: &'m Manifest,
    situation: &Situation<'_>,
) -> Result<&'m Artifact, Refusal> {
    let version = || manifest.version.clone();
    let is_asked_for = situation.asked_for == Some(&manifest.version);
    if manifest.channel != situation.channel && !is_asked_for {
        return Err(Refusal::OtherChannel {
            found: manifest.channel.clone(),
            wanted: situation.channel.to_owned(),
        });
    }
    if manifest.counter < situation.highest_counter && !is_asked_for {
        return Err(Refusal::LowerCounter {
            found: manifest.counter,
            seen: situation.highest_counter,
        });
    }
    if manifest.expires_at <= situation.now {
        return Err(Refusal::Expired(manifest.expires_at));
    }
    if manifest.version == situation.running {
        return Err(Refusal::AlreadyRunning(version()));
    }
    if manifest.halted.contains(&manifest.version) {
        return Err(Refusal::Halted(version()));
    }
    if manifest.version < situation.running && !is_asked_for {
        return Err(Refusal::Downgrade(version()));
    }
    if situation.bad.contains(&manifest.version) && !is_asked_for {
        return Err(Refusal::Bad(version()));
    }
    if let Some(least) = manifest
        .minimum_from
        .as_ref()
        .filter(|least| situation.running < **least)
    {
        return Err(Refusal::TooOld {
            version: version(),
            least: least.clone(),
        });
    }
    let range = manifest.schema;
    if !(range.oldest..=range.newest).contains(&situation.schema) {
        return Err(Refusal::Schema {
            version: version(),
            oldest: range.oldest,
            newest: range.newest,
            found: situation.schema,
        });
    }
    let share = share_of(situation.install_id, &manifest.version);
    if share >= manifest.rollout_percent && !is_asked_for {
        return Err(Refusal::NotYet {
            version: version(),
            percent: manifest.rollout_percent,
        });
    }
    manifest
        .artifact(situation.target)
        .ok_or_else(|| Refusal::NoProgram {
            version: version(),
            target: situation.target.to_owned(),
        })
}

/// From 0 to 99, the same each time, and another order of sites for each version.
fn share_of(install_id: &str, version: &Version) -> u8 {
    let hash = Sha256::digest(format!("{install_id} {version}"));
    let number = u16::from_be_bytes([hash[0], hash[1]]);
    u8::try_from(number % 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::manifest::Schema;
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn manifest() -> Manifest {
        Manifest {
            counter: 7,
            version: version("1.2.0"),
            channel: "stable".to_owned(),
            expires_at: "2030-01-01T00:00:00Z".parse().unwrap(),
            artifacts: vec![Artifact {
                target: "here".to_owned(),
                path: "a/b".to_owned(),
                bytes: 1,
                sha256: String::new(),
            }],
            schema: Schema {
                oldest: 1,
                newest: 3,
            },
            minimum_from: None,
            rollout_percent: 100,
            halted: Vec::new(),
            notes: String::new(),
        }
    }

    fn situation() -> Situation<'static> {
        Situation {
            running: version("1.1.0"),
            target: "here",
            channel: "stable",
            highest_counter: 7,
            now: "2029-01-01T00:00:00Z".parse().unwrap(),
            schema: 2,
            install_id: "me",
            asked_for: None,
            bad: &[],
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn each_reason_has_its_refusal() {
        let told = |manifest: &Manifest, situation: &Situation<'_>| {
            judge(manifest, situation)
                .err()
                .map(|refusal| refusal.to_string())
        };
        assert_eq!(told(&manifest(), &situation()), None);
        let wanted = version("1.2.0");
        let bad = [version("1.2.0")];
        let mut said = Vec::new();
        let cases: [(Manifest, Situation<'_>); 12] = [
            (
                Manifest {
                    channel: "beta".to_owned(),
                    ..manifest()
                },
                situation(),
            ),
            (
                manifest(),
                Situation {
                    highest_counter: 8,
                    ..situation()
                },
            ),
            (
                manifest(),
                Situation {
                    now: "2031-01-01T00:00:00Z".parse().unwrap(),
                    ..situation()
                },
            ),
            (
                manifest(),
                Situation {
                    running: version("1.2.0"),
                    ..situation()
                },
            ),
            (
                Manifest {
                    halted: vec![wanted.clone()],
                    ..manifest()
                },
                situation(),
            ),
            (
                Manifest {
                    halted: vec![wanted.clone()],
                    ..manifest()
                },
                Situation {
                    asked_for: Some(&wanted),
                    ..situation()
                },
            ),
            (
                manifest(),
                Situation {
                    running: version("1.3.0"),
                    ..situation()
                },
            ),
            (
                manifest(),
                Situation {
                    bad: &bad,
                    ..situation()
                },
            ),
            (
                Manifest {
                    minimum_from: Some(version("1.1.5")),
                    ..manifest()
                },
                situation(),
            ),
            (
                manifest(),
                Situation {
                    schema: 4,
                    ..situation()
                },
            ),
            (
                Manifest {
                    rollout_percent: 0,
                    ..manifest()
                },
                situation(),
            ),
            (
                manifest(),
                Situation {
                    target: "there",
                    ..situation()
                },
            ),
        ];
        for (manifest, situation) in &cases {
            said.push(told(manifest, situation).expect("a refusal"));
        }
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn the_owner_may_ask_for_what_does_not_come_by_itself() {
        let wanted = version("1.2.0");
        let asked = || Situation {
            asked_for: Some(&wanted),
            ..situation()
        };
        let bad = [wanted.clone()];
        for (manifest, situation) in [
            (
                manifest(),
                Situation {
                    running: version("1.3.0"),
                    ..asked()
                },
            ),
            (
                manifest(),
                Situation {
                    highest_counter: 9,
                    ..asked()
                },
            ),
            (
                manifest(),
                Situation {
                    bad: &bad,
                    ..asked()
                },
            ),
            (
                Manifest {
                    rollout_percent: 0,
                    ..manifest()
                },
                asked(),
            ),
        ] {
            assert!(judge(&manifest, &situation).is_ok());
        }
    }

    #[test]
    fn a_share_of_sites_is_about_that_share() {
        let manifest = Manifest {
            rollout_percent: 30,
            ..manifest()
        };
        let ids: Vec<String> = (0..1000).map(|id| format!("site {id}")).collect();
        let taken = ids.iter().filter(|id| {
            judge(
                &manifest,
                &Situation {
                    install_id: id,
                    ..situation()
                },
            )
            .is_ok()
        });
        let count = taken.count();
        assert!((240..360).contains(&count), "{count}");
    }
}
