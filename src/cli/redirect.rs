//! `inkstand redirect`: sends addresses of the site elsewhere.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use crate::app::App;
use crate::app::redirects::{self, Rule};
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::id::RedirectId;
use crate::domain::text::WebAddress;

use super::output::{Form, Table, moment, remark, say};
use super::{Common, Failure, failed, misused};

/// Redirects read in one step.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum RedirectCommand {
    /// Send readers of a path to another path or site
    Add {
        /// A path on this site, like /old-name, or /old/* for all below it
        from: String,
        /// Another path, or https://…; a * in it is what the first one stood for
        to: String,
        /// It may come back: browsers are told not to remember it
        #[arg(long)]
        temporary: bool,
    },
    /// All redirects, the newest first
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Let an address lead nowhere again
    Remove {
        /// Its number in the list, or its path
        redirect: String,
    },
    /// Take in many from a file of comma-separated values: from, to, permanent or temporary
    Import { file: PathBuf },
    /// Print all as comma-separated values
    Export,
}

#[derive(Debug, Serialize)]
struct Item {
    id: i64,
    from: String,
    to: String,
    permanent: bool,
    created_at: String,
}

impl Item {
    fn of(rule: Rule) -> Self {
        Self {
            id: rule.redirect.id.as_i64(),
            from: rule.redirect.from,
            to: rule.to,
            permanent: rule.redirect.permanent,
            created_at: moment(rule.redirect.created_at),
        }
    }
}

impl RedirectCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let base_url = config.base_url().to_string();
        let actor = Actor::system();
        match self {
            Self::Add {
                from,
                to,
                temporary,
            } => {
                let to = WebAddress::parse(&to)?;
                let app = boot::open_app(&config, false)?;
                redirects::create(&app, &actor, &from, &to, !temporary, &base_url)?;
                say(format!("{from} leads to {to}"))
            }
            Self::List { form } => {
                let items = all(&boot::open_app(&config, false)?)?;
                form.list(&items, || table(&items))
            }
            Self::Remove { redirect } => {
                let app = boot::open_app(&config, false)?;
                let items = all(&app)?;
                let is_meant =
                    |item: &&Item| item.from == redirect || item.id.to_string() == redirect;
                let found = items.iter().find(is_meant).ok_or_else(|| {
                    failed(format!(
                        "there is no redirect “{redirect}”; “inkstand redirect list” shows those there are"
                    ))
                })?;
                redirects::remove(&app, &actor, RedirectId::from_i64(found.id))?;
                say(format!("{} leads nowhere any more", found.from))
            }
            Self::Import { file } => {
                let csv = std::fs::read_to_string(&file).map_err(|error| {
                    misused(format!(
                        "inkstand: {} cannot be read: {error}",
                        file.display()
                    ))
                })?;
                import(&boot::open_app(&config, false)?, &csv, &base_url)
            }
            Self::Export => say(redirects::export(&boot::open_app(&config, false)?, &actor)?),
        }
    }
}

fn import(app: &App, csv: &str, base_url: &str) -> Result<(), Failure> {
    let imported = redirects::import(app, &Actor::system(), csv, base_url)?;
    for (line, why) in &imported.refused {
        remark(format!("line {line}: {why}"));
    }
    say(format!("{} redirects were taken in", imported.taken))?;
    match imported.refused.len() {
        0 => Ok(()),
        count => Err(failed(format!(
            "{count} lines were not understood; put them right and import them again"
        ))),
    }
}

fn all(app: &App) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    let mut offset = 0;
    loop {
        let page = redirects::list(app, &Actor::system(), PAGE, offset)?;
        if page.is_empty() {
            return Ok(items);
        }
        offset += PAGE;
        items.extend(page.into_iter().map(Item::of));
    }
}

fn table(items: &[Item]) -> String {
    let mut table = Table::new(&["ID", "FROM", "KIND", "TO"]);
    for item in items {
        let kind = if item.permanent {
            "permanent"
        } else {
            "temporary"
        };
        let cells = [
            item.id.to_string(),
            item.from.clone(),
            kind.to_owned(),
            item.to.clone(),
        ];
        table.row(cells);
    }
    table.to_string()
}
