//! The rule for origins of web pages: a list of them, or all.

use crate::domain::web_origin::{Origins, WebOrigin};

use super::{Raw, Rule, list_of, quoted};

const ANY: &str = "*";

pub(in crate::config) struct WebOrigins;

impl Rule for WebOrigins {
    type Value = Origins;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let entries = raw.entries()?;
        if entries.iter().any(|entry| entry == ANY) {
            return match entries.len() {
                1 => Ok(Origins::Any),
                _ => Err(format!(
                    "“{ANY}” stands among others, which it would make useless"
                )),
            };
        }
        let origins = entries.iter().map(|entry| WebOrigin::parse(entry));
        origins.collect::<Result<_, _>>().map(Origins::These)
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        Some(match value {
            Origins::Any => quoted(ANY),
            Origins::These(origins) => list_of(origins),
        })
    }

    fn describe(&self) -> String {
        "origins, such as [\"https://reader.example\", \"http://localhost:5173\"], or \"*\" for all"
            .to_owned()
    }
}
