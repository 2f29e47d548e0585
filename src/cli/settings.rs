//! `inkstand settings`: what the owner sets for the site, from the shell.

use clap::Subcommand;
use serde_json::Value;

use crate::app::settings;
use crate::domain::actor::Actor;
use crate::domain::settings::Settings;

use super::output::Form;
use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// Print all settings
    Show {
        #[command(flatten)]
        form: Form,
    },
    /// Change one, like `set title "My blog"` or `set smart_punctuation true`
    Set { name: String, value: String },
    /// Put one back to what it was at first
    Clear { name: String },
}

impl SettingsCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let mut fields = serde_json::to_value(settings::read(&app)?)?;
        let mut form = Form::default();
        let (name, wishes) = match self {
            Self::Show { form: asked } => {
                form = asked;
                (String::new(), Vec::new())
            }
            Self::Set { name, value } => {
                let wishes = read_as(&value);
                (name, wishes)
            }
            Self::Clear { name } => {
                let defaults = serde_json::to_value(Settings::default())?;
                let wishes = defaults.get(&name).cloned().into_iter().collect();
                (name, wishes)
            }
        };
        if !name.is_empty() {
            let changed = with(&mut fields, &name, wishes)?;
            settings::change(&app, &Actor::system(), &changed)?;
        }
        form.tell(&fields, || {
            let lines = fields.as_object().into_iter().flatten();
            let lines = lines.map(|(name, value)| format!("{name} = {value}"));
            lines.collect::<Vec<_>>().join("\n")
        })
    }
}

/// What a word at the shell may mean: a text first, else a number, a truth value, a list.
fn read_as(value: &str) -> Vec<Value> {
    let mut wishes = vec![Value::String(value.to_owned())];
    wishes.extend(serde_json::from_str(value).ok());
    wishes
}

/// The settings with the first of the wishes that fits.
fn with(fields: &mut Value, name: &str, wishes: Vec<Value>) -> Result<Settings, Failure> {
    if fields.get(name).is_none() {
        let known = fields.as_object().into_iter().flat_map(|map| map.keys());
        let known = known.cloned().collect::<Vec<_>>().join(", ");
        return Err(misused(format!(
            "inkstand: there is no setting “{name}”; there are {known}"
        )));
    }
    let mut refusal = String::new();
    for wish in wishes {
        fields[name] = wish;
        match serde_json::from_value(fields.clone()) {
            Ok(changed) => return Ok(changed),
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(misused(format!("inkstand: {name}: {refusal}")))
}
