//! `inkstand completions`: what a shell needs to finish words of ours.

use clap::Args;
use clap_complete::Shell;

use super::Failure;
use super::help;
use super::output::say;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// For which shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut help::command(), "inkstand", &mut script);
        say(String::from_utf8_lossy(&script))
    }
}
