//! `inkstand reindex`: throws the search index away and writes it anew: here, or in the site that runs and
//! holds the index.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::app::{App, search};
use crate::domain::actor::Actor;

use super::output::Form;
use super::progress::Telling;
use super::{Common, FAILED, Failure};

/// A running site is given this long to write its index.
const LONGEST: Duration = Duration::from_secs(30 * 60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct Reindex {
    #[command(flatten)]
    telling: Telling,
    #[command(flatten)]
    form: Form,
}

impl Reindex {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let (posts, is_by_site) = match app.index.writer() {
            Ok(mut writer) => {
                let what = "Writing the search index";
                let mut progress = self.telling.begin(what, None, self.form.json);
                progress.has_total(search::listed(&app)?);
                let mut told = |posts: usize| progress.is_at(posts as u64);
                let posts = search::rebuild(&app, &mut writer, &mut told)?;
                (posts as u64, false)
            }
            Err(error) if error.is_busy() => (self.wait_for_site(&app)?, true),
            Err(error) => return Err(error.into()),
        };
        let answer = json!({ "posts": posts, "by_running_site": is_by_site });
        self.form.tell(&answer, || {
            let who = if is_by_site {
                "; the running site wrote it"
            } else {
                ""
            };
            format!("{posts} posts are in the index{who}")
        })
    }

    /// The site that runs holds the index and hears of our wish through the change feed.
    fn wait_for_site(&self, app: &App) -> Result<u64, Failure> {
        let what = "The running site writes its search index";
        let _progress = self.telling.begin(what, None, self.form.json);
        let wanted = search::ask_for_rebuild(app, &Actor::system())?;
        let deadline = Instant::now() + LONGEST;
        while app.index.cursor().is_none_or(|cursor| cursor < wanted) {
            if Instant::now() > deadline {
                return Err(Failure {
                    message: "inkstand: the running site has not written its index yet; look at its log, and \
                              at “inkstand doctor”"
                        .to_owned(),
                    code: FAILED,
                });
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(app.index.documents())
    }
}
