//! `inkstand search`: finds posts as readers do, in the same index and with the same words.

use clap::Args;
use serde::Serialize;

use crate::app::reader::{self, MAX_RESULT_PAGE, RESULTS_PER_PAGE, SearchHit};

use super::output::{Form, Table, moment, remark};
use super::{Common, Failure, misused};

#[derive(Debug, Args)]
pub(super) struct Search {
    /// What to look for, as on the site: words, "a phrase", tag:name, author:name, before:2024
    #[arg(required = true)]
    words: Vec<String>,
    /// No more than these
    #[arg(long, default_value_t = RESULTS_PER_PAGE)]
    limit: u32,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Serialize)]
struct Hit {
    id: i64,
    slug: String,
    title: String,
    published_at: Option<String>,
    /// HTML: escaped text with `<mark>` around what was found.
    snippet: String,
}

impl Hit {
    fn of(hit: SearchHit) -> Self {
        let post = hit.teaser.summary;
        Self {
            id: post.id.as_i64(),
            slug: post.slug.to_string(),
            title: post.title.to_string(),
            published_at: post.published_at.map(moment),
            snippet: hit.snippet,
        }
    }
}

impl Search {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let most = RESULTS_PER_PAGE * MAX_RESULT_PAGE;
        if self.limit == 0 || self.limit > most {
            return Err(misused(format!(
                "inkstand: --limit: write a number from 1 to {most}"
            )));
        }
        let app = common.open_app()?;
        let query = self.words.join(" ");
        let mut hits = Vec::new();
        let (mut total, mut suggestion) = (0, None);
        for page in 1..=self.limit.div_ceil(RESULTS_PER_PAGE) {
            let found = reader::search(&app, &query, page, false)?;
            let is_last = found.hits.len() < RESULTS_PER_PAGE as usize;
            (total, suggestion) = (found.total, found.suggestion);
            hits.extend(found.hits.into_iter().map(Hit::of));
            if is_last {
                break;
            }
        }
        hits.truncate(self.limit as usize);
        let answer = serde_json::json!({
            "query": query,
            "total": total,
            "suggestion": suggestion,
            "items": hits,
        });
        self.form.tell(&answer, || table(&hits))?;
        if !self.form.json {
            remark(in_words(hits.len(), total, suggestion.as_deref()));
        }
        Ok(())
    }
}

fn table(hits: &[Hit]) -> String {
    let mut table = Table::new(&["ID", "DATE", "ADDRESS", "TITLE"]);
    for hit in hits {
        let date = hit.published_at.as_deref().unwrap_or_default();
        let day = date.split('T').next().unwrap_or_default();
        let address = format!("/{}", hit.slug);
        let cells = [
            hit.id.to_string(),
            day.to_owned(),
            address,
            hit.title.clone(),
        ];
        table.row(cells);
    }
    table.to_string()
}

fn in_words(shown: usize, total: usize, suggestion: Option<&str>) -> String {
    let found = match (shown, total) {
        (_, 0) => "Nothing was found.".to_owned(),
        (shown, total) if shown < total => format!("{shown} of {total}; --limit shows more."),
        (_, total) => format!("{total} found."),
    };
    match suggestion {
        Some(other) => format!("{found} Did you mean “{other}”?"),
        None => found,
    }
}
