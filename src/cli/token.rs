//! `inkstand token`: keys for scripts.

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::app::{accounts, people};
use crate::domain::actor::Actor;
use crate::domain::id::TokenId;
use crate::domain::text::Email;
use crate::domain::token::{Scope, Token};

use super::output::{Form, Table, moment, say};
use super::{Common, Failure};

/// What a script is usually for.
const USUAL_SCOPES: [&str; 2] = ["read", "write"];
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
        /// What it may be used for
        #[arg(long, value_delimiter = ',', value_parser = scopes(), default_values = USUAL_SCOPES)]
        scope: Vec<String>,
        /// Days until it ends; never without it
        #[arg(long)]
        days: Option<u16>,
        #[command(flatten)]
        form: Form,
    },
    /// The tokens there are, the newest first
    List {
        /// Whose; the owner's without it
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// End a token
    Revoke {
        /// Its number in the list
        id: i64,
    },
}

/// Every scope there is, by its word.
fn scopes() -> PossibleValuesParser {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
}

#[derive(Debug, Serialize)]
struct Item {
    id: i64,
    name: String,
    scopes: Vec<&'static str>,
    created_at: String,
    expires_at: Option<String>,
    used_at: Option<String>,
}

impl Item {
    fn of(token: Token) -> Self {
        Self {
            id: token.id.as_i64(),
            scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
            created_at: moment(token.created_at),
            expires_at: token.expires_at.map(moment),
            used_at: token.used_at.map(moment),
            name: token.name,
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
                form,
            } => {
                let email = email.as_deref().map(Email::parse).transpose()?;
                let app = common.open_app()?;
                let expires_at = days.map(|days| {
                    let now = app.db.clock().now();
                    now.plus_seconds(i64::from(days) * SECONDS_A_DAY)
                });
                let scopes = scope.iter().filter_map(|word| Scope::parse(word));
                let scopes: Vec<_> = scopes.collect();
                let made = accounts::create_token(
                    &app,
                    &actor,
                    email.as_ref(),
                    &name,
                    &scopes,
                    expires_at,
                )?;
                let secret = made.secret.clone();
                let mut answer = serde_json::to_value(Item::of(made.item))?;
                answer["secret"] = secret.clone().into();
                form.tell(&answer, || secret)
            }
            Self::List { email, form } => {
                let email = email.as_deref().map(Email::parse).transpose()?;
                let app = common.open_app()?;
                let tokens = people::tokens(&app, &actor, email.as_ref())?;
                let items: Vec<Item> = tokens.into_iter().map(Item::of).collect();
                form.list(&items, || table(&items))
            }
            Self::Revoke { id } => {
                let app = common.open_app()?;
                people::revoke_token(&app, &actor, TokenId::from_i64(id))?;
                say(format!("{id} opens nothing any more"))
            }
        }
    }
}

fn table(items: &[Item]) -> String {
    let mut table = Table::new(&["ID", "SCOPES", "USED", "ENDS", "NAME"]);
    let day = |time: &Option<String>| match time {
        Some(time) => time.split('T').next().unwrap_or_default().to_owned(),
        None => "never".to_owned(),
    };
    for item in items {
        table.row([
            item.id.to_string(),
            item.scopes.join(","),
            day(&item.used_at),
            day(&item.expires_at),
            item.name.clone(),
        ]);
    }
    table.to_string()
}
