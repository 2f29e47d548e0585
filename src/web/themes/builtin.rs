//! The themes in the binary, and the templates of the writing room. While one works on them, the same
//! are read from the source tree.

use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::domain::appearance::ThemeName;

use super::folder::Manifest;
use super::layer::Layer;
use super::{Assets, Fault, Theme};

static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/themes");
static ADMIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/admin");
/// The default one comes first; every other falls back to it.
const NAMES: [&str; 3] = [ThemeName::DEFAULT, "magazine", "plain"];
const ADMIN_PREFIX: &str = "admin/";

/// Below `source`, a folder of assets, or in the binary.
pub(super) fn all(assets: &Assets, source: Option<&Path>) -> Result<Vec<Arc<Theme>>, Fault> {
    let mut themes = Vec::with_capacity(NAMES.len());
    let mut ground = Layer::default();
    for name in NAMES {
        let name = ThemeName::parse(name).unwrap_or_default();
        let own = match source {
            Some(source) => Layer::of_folder(&name, &source.join("themes").join(name.as_str()))?,
            None => THEMES
                .get_dir(name.as_str())
                .map(Layer::embedded)
                .unwrap_or_default(),
        };
        let manifest = THEMES
            .get_file(format!("{name}/theme.toml"))
            .and_then(|file| file.contents_utf8())
            .unwrap_or_default();
        let manifest = Manifest::parse(manifest).map_err(|why| Fault::of_theme(&name, &why))?;
        let whole = own.over(&ground, manifest.adds_style);
        if name.as_str() == ThemeName::DEFAULT {
            ground = whole.clone();
        }
        themes.push(Theme::builtin(name, manifest, whole, assets));
    }
    Ok(themes)
}

/// The writing room's templates, named `admin/…`.
pub(super) fn admin(assets: &Assets, source: Option<&Path>) -> Result<Arc<Theme>, Fault> {
    let name = ThemeName::default();
    let mut layer = match source {
        Some(source) => Layer::of_folder(&name, &source.join("admin"))?,
        None => Layer::embedded(&ADMIN),
    };
    let templates = layer.templates.into_iter();
    layer.templates = templates
        .map(|(path, text)| (format!("{ADMIN_PREFIX}{path}"), text))
        .collect();
    Ok(Theme::builtin(name, Manifest::default(), layer, assets))
}
