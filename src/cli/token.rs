//! `inkstand token`: keys for scripts.

use clap::{Subcommand, ValueEnum};

use crate::app::{accounts, people};
use crate::domain::actor::Actor;
use crate::domain::id::TokenId;
use crate::domain::text::Email;
use crate::domain::time::Timestamp;
use crate::domain::token::{Scope, Token};

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
    /// The tokens there are, the newest first
    List {
        /// Whose; the owner's without it
        #[arg(long)]
        email: Option<String>,
    },
    /// End a token
    Revoke {
        /// Its number in the list
        id: i64,
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
        let actor = Actor::system();
        match self {
            Self::Create {
                name,
                email,
                scope,
                days,
            } => {
                let email = email.as_deref().map(Email::parse).transpose()?;
                let app = common.open_app()?;
                let expires_at = days.map(|days| {
                    let now = app.db.clock().now();
                    now.plus_seconds(i64::from(days) * SECONDS_A_DAY)
                });
                let scopes: Vec<_> = scope.into_iter().map(Scope::from).collect();
                let made = accounts::create_token(
                    &app,
                    &actor,
                    email.as_ref(),
                    &name,
                    &scopes,
                    expires_at,
                )?;
                println!("{}", made.secret);
            }
            Self::List { email } => {
                let email = email.as_deref().map(Email::parse).transpose()?;
                let app = common.open_app()?;
                for token in people::tokens(&app, &actor, email.as_ref())? {
                    println!("{}", line(&token));
                }
            }
            Self::Revoke { id } => {
                let app = common.open_app()?;
                people::revoke_token(&app, &actor, TokenId::from_i64(id))?;
                println!("{id} opens nothing any more");
            }
        }
        Ok(())
    }
}

fn line(token: &Token) -> String {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let day = |time: Timestamp| {
        let moment = jiff::Timestamp::from_microsecond(time.as_micros()).unwrap_or_default();
        moment.strftime("%Y-%m-%d").to_string()
    };
    let used = token.used_at.map_or("never".to_owned(), day);
    let ends = token.expires_at.map_or("never".to_owned(), day);
    let (id, name, scopes) = (token.id, &token.name, scopes.join(","));
    format!("{id}  {name}  {scopes}  used {used}  ends {ends}")
}
