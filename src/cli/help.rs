//! What the program says of itself as a whole: its commands in groups, and its exit codes. Completions,
//! manual pages and `docs/commands.md` are made from the same description, so none of them can lie.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::Cli;

/// The commands as people look for them. What stands in none comes last.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "The site",
        &[
            "serve", "setup", "status", "reload", "settings", "theme", "config",
        ],
    ),
    (
        "Writing",
        &["post", "media", "search", "redirect", "import", "export"],
    ),
    (
        "People and programs",
        &["user", "token", "webhook", "audit"],
    ),
    (
        "Health",
        &["doctor", "check", "healthcheck", "selfcheck", "reindex"],
    ),
    (
        "The program",
        &["update", "rollback", "completions", "man", "release"],
    ),
];
const REST: &str = "Further commands";

/// What each exit code of the program says.
pub(super) const EXIT_CODES: &[(u8, &str)] = &[
    (0, "It was done; what was looked at is well"),
    (
        super::FAILED,
        "It could not be done, or what was looked at is not well; what was printed says why",
    ),
    (
        super::MISUSED,
        "The words, a file or the configuration cannot be used as they are; nothing was changed",
    ),
];

/// The whole command line, as it is parsed and shown.
pub(super) fn command() -> Command {
    let command = Cli::command();
    let groups = groups(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}{{after-help}}"
    );
    command.help_template(template).after_help(exit_codes())
}

pub(super) fn exit_codes() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (code, meaning) in EXIT_CODES {
        let _ = writeln!(text, "  {code}  {meaning}");
    }
    text.push_str("\n“inkstand help COMMAND” tells more of a command.");
    text
}

/// Each group with its commands, in the order of the table.
pub(super) fn grouped(command: &Command) -> Vec<(&'static str, Vec<&Command>)> {
    let is_shown = |command: &&Command| !command.is_hide_set();
    let known = |command: &Command| {
        let name = command.get_name();
        GROUPS.iter().any(|(_, names)| names.contains(&name))
    };
    let mut groups = Vec::new();
    for (title, names) in GROUPS {
        let found = names
            .iter()
            .filter_map(|name| command.find_subcommand(name));
        groups.push((*title, found.filter(is_shown).collect()));
    }
    let rest = command.get_subcommands().filter(|command| !known(command));
    groups.push((REST, rest.filter(is_shown).collect::<Vec<_>>()));
    groups.retain(|(_, commands)| !commands.is_empty());
    groups
}

fn groups(command: &Command) -> String {
    let groups = grouped(command);
    let names = groups.iter().flat_map(|(_, commands)| commands);
    let width = names.map(|command| command.get_name().len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (title, commands) in &groups {
        let _ = writeln!(text, "{title}:");
        for command in commands {
            let about = command.get_about().map(ToString::to_string);
            let (name, about) = (command.get_name(), about.unwrap_or_default());
            let _ = writeln!(text, "  {name:<width$}  {about}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_its_group_and_its_words() {
        let command = command();
        let groups = grouped(&command);
        let rest: Vec<_> = groups.iter().filter(|(title, _)| *title == REST).collect();
        assert!(rest.is_empty(), "no group has {rest:?}; name it in GROUPS");
        let mut waiting: Vec<&Command> = command.get_subcommands().collect();
        while let Some(command) = waiting.pop() {
            if !command.is_hide_set() {
                let name = command.get_name();
                assert!(
                    command.get_about().is_some(),
                    "{name} says nothing of itself"
                );
                waiting.extend(command.get_subcommands());
            }
        }
    }
}
