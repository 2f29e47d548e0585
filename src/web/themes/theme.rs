//! One theme, ready to make pages: its templates, parsed, and the addresses of its files.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use crate::domain::appearance::ThemeName;

use super::folder::Manifest;
use super::layer::{Layer, STYLESHEET};
use super::{Assets, Fault, scripts};
use crate::web::texts;

/// Steps a template of the owner's may take for one page; ours take about a hundredth.
const MAX_STEPS: u64 = 5_000_000;
const MAX_RECURSION: usize = 100;

pub struct Theme {
    name: ThemeName,
    manifest: Manifest,
    environment: Environment<'static>,
    urls: Arc<HashMap<String, String>>,
    stylesheet: String,
    /// Differs for different files.
    stamp: u64,
    /// For an own theme: what is worn under it.
    base: Option<Arc<Theme>>,
    whole: Layer,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Theme({})", self.name)
    }
}

impl Theme {
    pub(super) fn builtin(
        name: ThemeName,
        manifest: Manifest,
        whole: Layer,
        assets: &Assets,
    ) -> Arc<Self> {
        let urls = scripts::add_all(&whole.files, |file, content| assets.add(file, content));
        Self::assemble(name, manifest, whole, Arc::new(urls), None)
    }

    pub(super) fn own(
        name: ThemeName,
        manifest: Manifest,
        base: Arc<Self>,
        layer: Layer,
        assets: &Assets,
    ) -> Arc<Self> {
        let mut urls: HashMap<String, String> = (*base.urls).clone();
        let own = scripts::add_all(&layer.files, |file, content| assets.keep(file, content));
        urls.extend(own);
        let whole = layer.over(&base.whole, manifest.adds_style);
        Self::assemble(name, manifest, whole, Arc::new(urls), Some(base))
    }

    fn assemble(
        name: ThemeName,
        manifest: Manifest,
        whole: Layer,
        urls: Arc<HashMap<String, String>>,
        base: Option<Arc<Self>>,
    ) -> Arc<Self> {
        let stylesheet = whole
            .files
            .get(STYLESHEET)
            .map(|css| String::from_utf8_lossy(css).into_owned())
            .unwrap_or_default();
        let mut environment = environment(Arc::clone(&urls), &whole.templates);
        if base.is_some() {
            environment.set_fuel(Some(MAX_STEPS));
        }
        Arc::new(Self {
            stamp: stamp(&whole, &urls),
            name,
            manifest,
            environment,
            urls,
            stylesheet,
            base,
            whole,
        })
    }

    pub fn name(&self) -> &ThemeName {
        &self.name
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn base(&self) -> Option<&Arc<Self>> {
        self.base.as_ref()
    }

    pub(super) fn stamp(&self) -> u64 {
        self.stamp
    }

    pub(super) fn stylesheet(&self) -> &str {
        &self.stylesheet
    }

    /// A static file as text.
    pub(super) fn file(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.whole.files.get(name)?).ok()
    }

    pub(super) fn template_names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.whole.templates.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(super) fn template(&self, name: &str) -> Option<&str> {
        self.whole.templates.get(name).map(String::as_str)
    }

    /// Where a static file is found.
    pub(in crate::web) fn url(&self, file: &str) -> Option<&str> {
        self.urls.get(file).map(String::as_str)
    }

    pub(in crate::web) fn render(&self, template: &str, context: Value) -> Result<String, Fault> {
        self.environment
            .get_template(template)
            .and_then(|template| template.render(context))
            .map_err(|error| Fault::of_template(self, template, &error))
    }

    /// Whether the template is well formed.
    pub(super) fn parse(&self, template: &str) -> Result<(), Fault> {
        let parsed = self.environment.get_template(template);
        parsed
            .map(drop)
            .map_err(|error| Fault::of_template(self, template, &error))
    }

    /// Renders, and a variable that does not exist is a mistake.
    pub(super) fn render_strictly(&self, template: &str, context: Value) -> Result<String, Fault> {
        let mut environment = self.environment.clone();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment
            .get_template(template)
            .and_then(|template| template.render(context))
            .map_err(|error| Fault::of_template(self, template, &error))
    }
}

fn stamp(whole: &Layer, urls: &HashMap<String, String>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut templates: Vec<_> = whole.templates.iter().collect();
    templates.sort_unstable();
    let mut urls: Vec<_> = urls.iter().collect();
    urls.sort_unstable();
    (templates, urls).hash(&mut hasher);
    hasher.finish()
}

/// As HTML wants it and no further: the library's own way makes every slash of an address into six
/// letters.
fn escape(out: &mut minijinja::Output<'_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}

fn environment(
    urls: Arc<HashMap<String, String>>,
    templates: &HashMap<String, String>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    let templates = templates.clone();
    environment.set_loader(move |name| Ok(templates.get(name).cloned()));
    environment.set_recursion_limit(MAX_RECURSION);
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
    environment.set_formatter(|out, state, value| match state.auto_escape() {
        AutoEscape::Html if !value.is_safe() => escape(out, value),
        _ => minijinja::escape_formatter(out, state, value),
    });
    texts::add_to(&mut environment);
    environment.add_function("asset", move |name: &str| {
        urls.get(name).cloned().ok_or_else(|| {
            minijinja::Error::new(
                ErrorKind::InvalidOperation,
                format!("there is no file “{name}” in static/"),
            )
        })
    });
    environment
}
