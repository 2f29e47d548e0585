//! `inkstand settings`: what the owner sets for the site, from the shell.

use clap::Subcommand;
use serde_json::Value;

use crate::app::settings;
use crate::domain::actor::Actor;
use crate::domain::settings::Settings;

use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// Print all settings
    Show,
    /// Change one, like `set title "My blog"` or `set smart_punctuation true`
    Set { name: String, value: String },
}

impl SettingsCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let mut fields = serde_json::to_value(settings::read(&app)?)?;
        if let Self::Set { name, value } = self {
            set(&mut fields, &name, &value)?;
            let changed: Settings = serde_json::from_value(fields.clone())
                .map_err(|error| misused(format!("inkstand: {name}: {error}")))?;
            settings::change(&app, &Actor::system(), &changed)?;
        }
        for (name, value) in fields.as_object().into_iter().flatten() {
            println!("{name} = {value}");
        }
        Ok(())
    }
}

/// Text stays text where text is wanted; elsewhere it is read as a number or a truth value.
fn set(fields: &mut Value, name: &str, value: &str) -> Result<(), Failure> {
    let known = fields.as_object().into_iter().flat_map(|map| map.keys());
    let known = known.cloned().collect::<Vec<_>>().join(", ");
    let Some(field) = fields.get_mut(name) else {
        return Err(misused(format!(
            "inkstand: there is no setting “{name}”; there are {known}"
        )));
    };
    *field = match field {
        Value::String(_) => Value::String(value.to_owned()),
        _ => serde_json::from_str(value)
            .map_err(|_| misused(format!("inkstand: {name} cannot be “{value}”")))?,
    };
    Ok(())
}
