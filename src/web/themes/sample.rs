//! Checks a theme without a site: every page it can make, made with sample content, and a variable that
//! does not exist counts as a mistake.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{Fault, Theme};

const SAMPLE: &str = include_str!("../../../assets/samples/theme.json");
/// What all style of a page may weigh before it is packed, roughly: about 15 KB packed.
const MAX_STYLESHEET_BYTES: usize = 80 * 1024;

/// Something to mend, or to think about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub fault: Fault,
    /// The theme can be used as it is.
    pub is_harmless: bool,
}

#[derive(Deserialize)]
struct Sample {
    site: serde_json::Value,
    page: serde_json::Map<String, serde_json::Value>,
    pages: Vec<SamplePage>,
}

#[derive(Deserialize)]
struct SamplePage {
    template: String,
    page: serde_json::Map<String, serde_json::Value>,
    found: serde_json::Value,
}

/// Makes every page with sample content; gives each mistake once.
pub fn check(theme: &Theme) -> Result<Vec<Finding>, serde_json::Error> {
    let sample: Sample = serde_json::from_str(SAMPLE)?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut tell = |fault: Fault, is_harmless: bool| {
        if findings.iter().all(|known| known.fault != fault) {
            findings.push(Finding { fault, is_harmless });
        }
    };
    for shown in sample.pages {
        let mut page = sample.page.clone();
        page.extend(shown.page);
        let given = || {
            context! {
                site => Value::from(Serde(&sample.site)),
                page => Value::from(Serde(&page)),
                ..Value::from(Serde(&shown.found))
            }
        };
        if let Err(fault) = theme.render(&shown.template, given()) {
            tell(fault, false);
        } else if let Err(fault) = theme.render_strictly(&shown.template, given()) {
            tell(fault, true);
        }
    }
    // Templates no sample page uses, such as those for including, must at least be well formed.
    for name in theme.template_names() {
        if let Err(fault) = theme.parse(name) {
            tell(fault, false);
        }
    }
    if theme.stylesheet().len() > MAX_STYLESHEET_BYTES {
        let message = format!(
            "the style sheet is larger than {MAX_STYLESHEET_BYTES} bytes; pages will be slow to show"
        );
        tell(
            Fault::of_file(theme.name(), "static/site.css", &message),
            true,
        );
    }
    Ok(findings)
}
