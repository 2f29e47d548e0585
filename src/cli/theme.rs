//! `inkstand theme`: beginning, checking and listing themes, without a running site.

use clap::Subcommand;
use serde::Serialize;

use crate::app::settings;
use crate::boot;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::appearance::ThemeName;

use super::output::{Form, Table, say};
use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum ThemeCommand {
    /// Make the folder of a theme of one's own
    New {
        name: String,
        /// The built-in theme it begins from
        #[arg(long, default_value = ThemeName::DEFAULT)]
        extends: String,
    },
    /// Make every page with sample content and tell each mistake
    Check { name: String },
    /// Have the site wear a theme
    Use { name: String },
    /// All themes there are
    List {
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Serialize)]
struct Item {
    name: String,
    description: String,
    /// The site wears it now.
    is_worn: bool,
}

impl ThemeCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        match self {
            Self::New { name, extends } => begin(&config, &name, &extends),
            Self::Check { name } => check(&config, &name),
            Self::Use { name } => wear(&config, &name),
            Self::List { form } => list(&config, form),
        }
    }
}

fn list(config: &Config, form: Form) -> Result<(), Failure> {
    let worn = settings::read(&boot::open_app(config, false)?)?.theme;
    let themes = boot::themes(config, None)?.list();
    let items = themes.into_iter().map(|(name, about)| Item {
        is_worn: name == worn,
        name: name.to_string(),
        description: about.description,
    });
    let items: Vec<Item> = items.collect();
    form.list(&items, || {
        let mut table = Table::new(&["", "NAME", "DESCRIPTION"]);
        for item in &items {
            let mark = if item.is_worn { "*" } else { "" };
            let cells = [mark.to_owned(), item.name.clone(), item.description.clone()];
            table.row(cells);
        }
        table.to_string()
    })
}

fn wear(config: &Config, name: &str) -> Result<(), Failure> {
    let name = ThemeName::parse(name)?;
    let mistakes = boot::check_theme(config, &name)?;
    if mistakes.iter().any(|finding| !finding.is_harmless) {
        let advice = format!("see “inkstand theme check {name}”");
        return Err(misused(format!("inkstand: {name} has mistakes; {advice}")));
    }
    let app = boot::open_app(config, false)?;
    let mut wished = settings::read(&app)?;
    wished.theme = name.clone();
    settings::change(&app, &Actor::system(), &wished)?;
    say(format!("The site wears {name}"))
}

fn begin(config: &Config, name: &str, extends: &str) -> Result<(), Failure> {
    let (name, extends) = (ThemeName::parse(name)?, ThemeName::parse(extends)?);
    let folder = boot::begin_theme(config, &name, &extends)?;
    say(format!(
        "{} is there. Next:\n  inkstand theme check {name}\n  inkstand theme use {name}",
        folder.display()
    ))
}

fn check(config: &Config, name: &str) -> Result<(), Failure> {
    let name = ThemeName::parse(name)?;
    let findings = boot::check_theme(config, &name)?;
    for finding in &findings {
        let word = if finding.is_harmless {
            "advice"
        } else {
            "mistake"
        };
        say(format!("{word}: {}", finding.fault))?;
        for line in &finding.fault.excerpt {
            let mark = if line.is_meant { ">" } else { " " };
            say(format!("  {mark} {:>4} {}", line.number, line.text))?;
        }
    }
    let mistakes = findings.iter().filter(|finding| !finding.is_harmless);
    match mistakes.count() {
        0 => say(format!("{name} can be worn")),
        count => Err(misused(format!("inkstand: {name} has mistakes: {count}"))),
    }
}
