//! The check of what a site holds, with what only the whole program knows: its addresses, and its themes.

use crate::app::checkup::{self, Means, Part, Report};
use crate::app::{App, Error, settings};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::launcher;
use crate::web;

use super::check_theme;

/// Addresses that no table names: they answer before it is asked.
const BEFORE_THE_TABLE: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Looks at everything the site holds. `told` hears what is being looked at, and how many of it are done.
pub fn check_site(
    config: &Config,
    app: &App,
    thorough: bool,
    told: &mut dyn FnMut(Part, u64),
) -> Result<Report, Error> {
    let table = web::addresses();
    let base_url = config.base_url().to_string();
    let means = Means {
        base_url: &base_url,
        is_page: &|path| {
            let mut patterns = table.iter().map(|(pattern, _)| pattern.as_str());
            BEFORE_THE_TABLE.contains(&path) || patterns.any(|pattern| is_at(pattern, path))
        },
        thorough,
        is_served: launcher::ask(&config.data_dir, "status").is_ok(),
    };
    let mut report = checkup::check(app, &Actor::system(), &means, told)?;
    theme(config, app, &mut report)?;
    Ok(report)
}

/// A theme that cannot be worn leaves readers without the owner's choice.
fn theme(config: &Config, app: &App, report: &mut Report) -> Result<(), Error> {
    let name = settings::read(app)?.theme;
    let fault = match check_theme(config, &name) {
        Err(error) => Some(error.to_string()),
        Ok(findings) => {
            let mut mistakes = findings.into_iter().filter(|finding| !finding.is_harmless);
            mistakes.next().map(|finding| finding.fault.to_string())
        }
    };
    if let Some(fault) = fault {
        let advice = "See “inkstand theme check”, or wear another: inkstand theme use";
        report.wrong(Part::Settings, format!("theme {name}"), fault, advice);
    }
    Ok(())
}

/// Whether a path is one that the pattern stands for. Those whose first part can be anything say nothing:
/// posts are there, and who knows them is the store.
fn is_at(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let mut patterns = pattern.split('/').skip(1);
    let mut is_first = true;
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) => {
                let is_open = wanted.contains('{');
                if is_open && is_first {
                    return false;
                }
                if wanted.ends_with(":.*}") {
                    return true;
                }
                if !is_open && wanted != part {
                    return false;
                }
            }
            _ => return false,
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn patterns_stand_for_paths() {
        assert!(is_at("/archive", "/archive"));
        assert!(is_at("/archive/{year}/page/{n}", "/archive/2024/page/2"));
        assert!(is_at("/assets/{file:.*}", "/assets/a/b.css"));
        assert!(!is_at("/archive", "/archive/2024"));
        assert!(!is_at("/archive/{year}", "/archive"));
        assert!(!is_at("/{slug}", "/anything"));
    }
}
