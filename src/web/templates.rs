//! Templates: in the binary, or read from the source tree while one works on them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use minijinja::{AutoEscape, Environment, ErrorKind};

use crate::app;

use super::Assets;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/themes");
const THEME: &str = "default";

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
            let file = EMBEDDED.get_file(format!("{THEME}/{name}"))?;
            file.contents_utf8().map(str::to_owned)
        });
        Self {
            source: Source::Embedded(Arc::new(environment)),
            assets,
        }
    }

    /// `themes` is the folder that holds the themes.
    pub fn from_folder(themes: PathBuf, assets: Assets) -> Self {
        Self {
            source: Source::Folder(themes),
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
            Source::Folder(themes) => {
                let folder = themes.join(THEME);
                fresh = environment(&self.assets, move |name| {
                    std::fs::read_to_string(folder.join(name)).ok()
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
    environment
}
