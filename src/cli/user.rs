//! `inkstand user`: people who write here, from the operator's shell.

use std::io::IsTerminal;

use clap::{Subcommand, ValueEnum};

use crate::app::accounts::OtherProofs;
use crate::app::{accounts, secrets};
use crate::domain::actor::Actor;
use crate::domain::text::{Email, Name};
use crate::domain::user::Role;

use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody; prints a password if none is given on standard input
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value_t = RoleWord::Author)]
        role: RoleWord,
    },
    /// Give somebody a new password and end their sign-ins
    ResetPassword {
        #[arg(long)]
        email: String,
        /// Also remove codes, recovery codes and passkeys, for whoever has lost their device
        #[arg(long)]
        remove_second_factor: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleWord {
    Owner,
    Admin,
    Editor,
    Author,
    Contributor,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Owner => Self::Owner,
            RoleWord::Admin => Self::Admin,
            RoleWord::Editor => Self::Editor,
            RoleWord::Author => Self::Author,
            RoleWord::Contributor => Self::Contributor,
        }
    }
}

impl UserCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let actor = Actor::system();
        match self {
            Self::Create { email, name, role } => {
                let email = Email::parse(&email)?;
                let name = Name::parse(&name)?;
                let (password, made) = password()?;
                let app = common.open_app()?;
                let user =
                    accounts::create_user(&app, &actor, email, name, role.into(), Some(&password))?;
                println!("{} <{}> is {} now", user.name, user.email, user.role);
                if made {
                    println!("Password: {password}");
                }
            }
            Self::ResetPassword {
                email,
                remove_second_factor,
            } => {
                let others = if remove_second_factor {
                    OtherProofs::Remove
                } else {
                    OtherProofs::Keep
                };
                let email = Email::parse(&email)?;
                let (password, made) = password()?;
                let app = common.open_app()?;
                accounts::set_password(&app, &actor, &email, &password, others)?;
                println!("{email} has a new password and is signed out everywhere");
                if made {
                    println!("Password: {password}");
                }
            }
        }
        Ok(())
    }
}

/// The line on standard input, or a password made up when there is none.
fn password() -> Result<(String, bool), Failure> {
    if std::io::stdin().is_terminal() {
        return Ok((secrets::new_secret()?, true));
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() {
        return Ok((secrets::new_secret()?, true));
    }
    if line.contains('\0') {
        return Err(misused("inkstand: the password must be text"));
    }
    Ok((line, false))
}
