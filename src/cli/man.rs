//! `inkstand man`: manual pages, one a command. They hold no date, so that the same program always gives
//! the same pages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::help::{self, EXIT_CODES};
use super::output::say;
use super::{Failure, misused};

#[derive(Debug, Args)]
pub(super) struct ManPages {
    /// Write all pages there, one a command; without it, the first page is printed
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl ManPages {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut command = help::command().disable_help_subcommand(true);
        command.build();
        let Some(folder) = &self.dir else {
            return say(String::from_utf8_lossy(&page(&command, "inkstand")?));
        };
        let unwritable = |error| {
            let folder = folder.display();
            misused(format!("inkstand: {folder} cannot be written: {error}"))
        };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let count = write(folder, &command, "inkstand").map_err(unwritable)?;
        say(format!("{count} pages are in {}", folder.display()))
    }
}

/// Writes the page of a command and those of all below it; says how many.
fn write(folder: &Path, command: &Command, name: &str) -> std::io::Result<usize> {
    fs::write(folder.join(format!("{name}.1")), page(command, name)?)?;
    let mut count = 1;
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        count += write(folder, below, &format!("{name}-{}", below.get_name()))?;
    }
    Ok(count)
}

fn page(command: &Command, name: &str) -> std::io::Result<Vec<u8>> {
    let source = format!("Inkstand {}", crate::domain::VERSION);
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .source(source);
    let man = man.manual("Inkstand").date("");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    text.extend_from_slice(exit_status().as_bytes());
    Ok(text)
}

fn exit_status() -> String {
    let codes = EXIT_CODES
        .iter()
        .map(|(code, meaning)| format!(".TP\n.B {code}\n{meaning}\n"));
    format!(".SH \"EXIT STATUS\"\n{}", codes.collect::<String>())
}
