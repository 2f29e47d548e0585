//! Templates: in the binary, or read from the source tree while one works on them. Those of the
//! admin pages are named `admin/…`, all others are the theme's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use minijinja::{AutoEscape, Environment, ErrorKind};

use crate::app;

use super::Assets;

static THEME: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/themes/default");
static ADMIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/admin");
const THEME_FOLDER: &str = "themes/default";
const ADMIN_FOLDER: &str = "admin";
const ADMIN_PREFIX: &str = "admin/";

#[derive(Clone)]
pub struct Templates {
    source: Source,
    assets: Assets,
}

#[derive(Clone)]
enum Source {
    Embedded(Arc<Environment<'static>>),
    /// Read again for each page.
    Folder(PathBuf),
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Templates")
    }
}

impl Templates {
    pub fn embedded(assets: Assets) -> Self {
        let environment = environment(&assets, |name| {
            let file = match name.strip_prefix(ADMIN_PREFIX) {
                Some(name) => ADMIN.get_file(name)?,
                None => THEME.get_file(name)?,
            };
            file.contents_utf8().map(str::to_owned)
        });
        Self {
            source: Source::Embedded(Arc::new(environment)),
            assets,
        }
    }

    /// `folder` is the one that holds the themes and the admin pages.
    pub fn from_folder(folder: PathBuf, assets: Assets) -> Self {
        Self {
            source: Source::Folder(folder),
            assets,
        }
    }

    pub(super) fn render(
        &self,
        name: &str,
        context: minijinja::Value,
    ) -> Result<String, app::Error> {
        let fresh;
        let environment = match &self.source {
            Source::Embedded(environment) => &**environment,
            Source::Folder(folder) => {
                let (theme, admin) = (folder.join(THEME_FOLDER), folder.join(ADMIN_FOLDER));
                fresh = environment(&self.assets, move |name| {
                    let path = match name.strip_prefix(ADMIN_PREFIX) {
                        Some(name) => admin.join(name),
                        None => theme.join(name),
                    };
                    std::fs::read_to_string(path).ok()
                });
                &fresh
            }
        };
        let render = |template: minijinja::Template<'_, '_>| template.render(context);
        environment
            .get_template(name)
            .and_then(render)
            .map_err(app::Error::internal)
    }
}

fn environment(
    assets: &Assets,
    load: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(move |name| Ok(load(name)));
    environment.set_auto_escape_callback(|name| {
        if Path::new(name)
            .extension()
            .is_some_and(|kind| kind == "html")
        {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    let assets = assets.clone();
    environment.add_function("asset", move |name: &str| {
        assets.url(name).ok_or_else(|| {
            minijinja::Error::new(
                ErrorKind::InvalidOperation,
                format!("there is no asset “{name}”"),
            )
        })
    });
    super::texts::add_to(&mut environment);
    environment
}
