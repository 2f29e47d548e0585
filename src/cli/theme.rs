//! `inkstand theme`: beginning, checking and listing themes, without a running site.

use clap::Subcommand;

use crate::boot;
use crate::config::Config;
use crate::domain::appearance::ThemeName;

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
    /// All themes there are
    List,
}

impl ThemeCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        match self {
            Self::New { name, extends } => begin(&config, &name, &extends),
            Self::Check { name } => check(&config, &name),
            Self::List => {
                for (name, about) in boot::themes(&config, None)?.list() {
                    println!("{name:<16} {}", about.description);
                }
                Ok(())
            }
        }
    }
}

fn begin(config: &Config, name: &str, extends: &str) -> Result<(), Failure> {
    let (name, extends) = (ThemeName::parse(name)?, ThemeName::parse(extends)?);
    let folder = boot::begin_theme(config, &name, &extends)?;
    println!("{} is there. Next:", folder.display());
    println!("  inkstand theme check {name}");
    println!("  inkstand settings set theme {name}");
    Ok(())
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
        println!("{word}: {}", finding.fault);
        for line in &finding.fault.excerpt {
            let mark = if line.is_meant { ">" } else { " " };
            println!("  {mark} {:>4} {}", line.number, line.text);
        }
    }
    let mistakes = findings.iter().filter(|finding| !finding.is_harmless);
    match mistakes.count() {
        0 => {
            println!("{name} can be worn");
            Ok(())
        }
        count => Err(misused(format!("inkstand: {name} has mistakes: {count}"))),
    }
}
