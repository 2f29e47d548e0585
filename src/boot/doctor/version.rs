//! The program's version: of this file, of what runs, and of the newest that the site could take.

use crate::boot::updating::{self, UpdateError};
use crate::domain::VERSION;
use crate::update::Refusal;

use super::{Said, Scene, note, ok, warning};

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let mut said = Vec::new();
    if let Some(running) = running(scene)
        && running != VERSION
    {
        said.push(note(format!(
            "{running} runs, and this program is {VERSION}; the next start, or “inkstand reload”, decides anew"
        )));
    }
    said.push(newest(scene));
    said
}

/// The version of the server that serves.
fn running(scene: &Scene) -> Option<String> {
    let servers = scene.status.as_ref()?["servers"].as_array()?;
    let serving = servers.iter().find(|server| server["stage"] == "serving")?;
    serving["version"].as_str().map(str::to_owned)
}

fn newest(scene: &Scene) -> Said {
    match updating::look(&scene.config, None) {
        Ok(found) => warning(
            format!(
                "{} is there, and {} runs",
                found.manifest.version, found.running
            ),
            "Read what is new with “inkstand update --check”, then: inkstand update",
        ),
        Err(UpdateError::Refused(Refusal::AlreadyRunning(version))) => {
            ok(format!("{version} is the newest there is"))
        }
        Err(UpdateError::Off) => note(format!(
            "This is {VERSION}; nobody looks for newer ones, because update.url is not set"
        )),
        Err(error) => warning(
            format!("Whether there is a newer version cannot be told: {error}"),
            "See that update.url can be reached from here, and what “inkstand update --check” says",
        ),
    }
}
