//! `inkstand token`: keys for scripts.

use clap::{Subcommand, ValueEnum};

use crate::app::accounts;
use crate::domain::actor::Actor;
use crate::domain::text::Email;
use crate::domain::token::Scope;

use super::{Common, Failure};

const SECONDS_A_DAY: i64 = 24 * 3600;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, once
    Create {
        /// What will use it
        #[arg(long)]
        name: String,
        /// Whose it is; the owner's without it
        #[arg(long)]
        email: Option<String>,
        #[arg(long, value_enum, value_delimiter = ',', default_values_t = [ScopeWord::Read, ScopeWord::Write])]
        scope: Vec<ScopeWord>,
        /// Days until it ends; never without it
        #[arg(long)]
        days: Option<u16>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ScopeWord {
    Read,
    Write,
    Admin,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::Read => Self::Read,
            ScopeWord::Write => Self::Write,
            ScopeWord::Admin => Self::Admin,
        }
    }
}

impl TokenCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let Self::Create {
            name,
            email,
            scope,
            days,
        } = self;
        let email = email.as_deref().map(Email::parse).transpose()?;
        let app = common.open_app()?;
        let expires_at = days.map(|days| {
            let now = app.db.clock().now();
            now.plus_seconds(i64::from(days) * SECONDS_A_DAY)
        });
        let scopes: Vec<_> = scope.into_iter().map(Scope::from).collect();
        let actor = Actor::system();
        let made =
            accounts::create_token(&app, &actor, email.as_ref(), &name, &scopes, expires_at)?;
        println!("{}", made.secret);
        Ok(())
    }
}
