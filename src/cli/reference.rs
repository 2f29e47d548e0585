//! `docs/commands.md`, made from the commands themselves, and held equal to them by a test.

use std::fmt::Write as _;
use std::path::Path;

use clap::Command;

use super::help;

const LINE_CHARS: usize = 100;

fn page() -> String {
    let mut command = help::command().disable_help_subcommand(true);
    command.build();
    let mut text = "# Commands\n\n<!-- Made from src/cli by `INKSTAND_WRITE_DOCS=1 cargo nextest run reference`; changes \
                    made here are lost. -->\n\nEvery command works beside a running site and without one, where nothing \
                    else is said. Commands that change \nsomething take a lock for as long as that needs. Answers go to \
                    standard output, everything else to standard error.\n`--json` answers with one line of JSON: an \
                    object, or `{\"items\": […]}` for lists; times are RFC 3339.\nColours and bars are only shown on a \
                    terminal, and colours never with `NO_COLOR`.\n\nThe same as manual pages: `inkstand man --dir DIR`. \
                    For your shell: `inkstand completions bash`, `zsh`, `fish`, `elvish` or\n`powershell`.\n\n"
        .replace(" \n", "\n");
    text.push_str("## Exit codes\n\n| code | |\n|---|---|\n");
    for (code, meaning) in help::EXIT_CODES {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    let common = options_for_all(&command);
    let _ = writeln!(text, "\n## Options of every command\n\n```\n{common}\n```");
    for (title, commands) in help::grouped(&command) {
        let _ = writeln!(text, "\n## {title}");
        for command in commands {
            add(&mut text, command);
        }
    }
    text
}

/// The options that stand before and behind every command.
fn options_for_all(command: &Command) -> String {
    let mut shown = Command::new("inkstand").disable_help_flag(true);
    for option in command
        .get_arguments()
        .filter(|option| option.is_global_set())
    {
        shown = shown.arg(option.clone());
    }
    let help = shown.help_template("{options}").term_width(LINE_CHARS);
    help.clone()
        .render_long_help()
        .to_string()
        .trim_end()
        .to_owned()
}

fn add(text: &mut String, command: &Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut shown = command.clone().term_width(LINE_CHARS);
    for id in ["help", "version", "config", "data_dir", "database", "set"] {
        if shown.get_arguments().any(|option| option.get_id() == id) {
            shown = shown.mut_arg(id, |option| option.hide(true));
        }
    }
    let help = shown.render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    let _ = writeln!(text, "\n### {name}\n\n```\n{}\n```", help.join("\n"));
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        add(text, below);
    }
}

/// `INKSTAND_WRITE_DOCS=1 cargo nextest run reference` writes the page anew.
#[test]
fn the_reference_of_commands_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = page();
    if std::env::var_os("INKSTAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/commands.md says something else than the commands do; write it anew with \
         INKSTAND_WRITE_DOCS=1 cargo nextest run reference"
    );
}
