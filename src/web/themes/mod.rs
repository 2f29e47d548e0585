//! Themes: the built-in ones, those in the data directory, and what the owner chose on top. Gives
//! templates and the addresses of style sheets; must not know what pages say.

mod assets;
mod builtin;
mod fault;
mod folder;
mod layer;
mod sample;
mod scripts;
mod style;
#[cfg(test)]
mod tests;
mod theme;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use minijinja::Value;

use crate::app;
use crate::domain::appearance::ThemeName;
use crate::domain::settings::Settings;

pub use assets::Assets;
pub use fault::Fault;
pub use folder::{Manifest, begin};
use layer::Layer;
pub use sample::{Finding, check};
pub use theme::Theme;

/// How often the folder of an own theme is looked at for changes.
const LOOK_INTERVAL_MILLIS: u64 = 1_000;
/// Style sheets kept at hand; each belongs to one theme and one set of choices.
const MAX_STYLESHEETS: usize = 64;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct Themes {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    assets: Assets,
    /// Style sheets the program makes itself, which every theme begins with.
    made: Vec<(&'static str, String)>,
    /// The built-in themes are read from here anew for each page, while one works on them.
    source: Option<PathBuf>,
    /// Where own themes lie.
    own: PathBuf,
    builtin: Vec<Arc<Theme>>,
    admin: Arc<Theme>,
    known: Mutex<HashMap<ThemeName, Known>>,
    stylesheets: Mutex<HashMap<(u64, u64), String>>,
    /// Rises whenever an own theme has changed: part of every finished page's key.
    state: AtomicU32,
    is_own_worn: AtomicBool,
    is_faulty: AtomicBool,
    started: Instant,
    looked_millis: AtomicU64,
}

/// An own theme as it was last found.
#[derive(Debug)]
struct Known {
    stamp: u64,
    looked_millis: u64,
    theme: Result<Arc<Theme>, Arc<Fault>>,
    fault: Option<Arc<Fault>>,
}

/// A theme with the owner's choices: what pages are made with.
#[derive(Debug, Clone)]
pub struct Look {
    pub theme: Arc<Theme>,
    pub stylesheet: String,
}

impl Themes {
    /// `made`: style sheets by name. `source`: the folder of assets of a source tree. `own`: the folder
    /// of the owner's themes, which need not exist.
    pub fn new(
        made: Vec<(&'static str, String)>,
        source: Option<PathBuf>,
        own: PathBuf,
    ) -> Result<Self, Fault> {
        let assets = Assets::default();
        let builtin = builtin::all(&assets, None)?;
        let admin = builtin::admin(&assets, None)?;
        Ok(Self {
            shared: Arc::new(Shared {
                assets,
                made,
                source,
                own,
                builtin,
                admin,
                known: Mutex::default(),
                stylesheets: Mutex::default(),
                state: AtomicU32::new(0),
                is_own_worn: AtomicBool::new(false),
                is_faulty: AtomicBool::new(false),
                started: Instant::now(),
                looked_millis: AtomicU64::new(0),
            }),
        })
    }

    pub(in crate::web) fn assets(&self) -> &Assets {
        &self.shared.assets
    }

    /// Part of the key of every page that is kept.
    pub(in crate::web) fn state(&self) -> u32 {
        self.shared.state.load(Ordering::Relaxed)
    }

    /// Something is wrong with the theme that readers should see.
    pub(in crate::web) fn is_faulty(&self) -> bool {
        self.shared.is_faulty.load(Ordering::Relaxed)
    }

    /// It is time to look whether the files of the worn theme have changed; true once an interval.
    pub(in crate::web) fn wants_look(&self) -> bool {
        let shared = &self.shared;
        if !shared.is_own_worn.load(Ordering::Relaxed) {
            return false;
        }
        let (now, last) = (
            self.now_millis(),
            shared.looked_millis.load(Ordering::Relaxed),
        );
        now.saturating_sub(last) >= LOOK_INTERVAL_MILLIS
            && shared
                .looked_millis
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Looks at the files of own themes that were used; blocks.
    pub(in crate::web) fn look_again(&self) {
        let names: Vec<ThemeName> = self.known().keys().cloned().collect();
        for name in names {
            // A theme that cannot be used is told of in the log.
            drop(self.own_theme(&name));
        }
    }

    /// A page of the writing room, whose templates no theme changes.
    pub(in crate::web) fn render_admin(
        &self,
        template: &str,
        context: Value,
    ) -> Result<String, app::Error> {
        let fresh = match &self.shared.source {
            Some(_) => Some(
                builtin::admin(&self.shared.assets, self.source()).map_err(app::Error::internal)?,
            ),
            None => None,
        };
        let theme = fresh.as_ref().unwrap_or(&self.shared.admin);
        theme
            .render(template, context)
            .map_err(app::Error::internal)
    }

    /// What to make pages with: the theme of this name and the owner's other choices. For a theme that
    /// is not there, or cannot be used at all, the default one, and why.
    pub(in crate::web) fn look(
        &self,
        name: &ThemeName,
        settings: &Settings,
    ) -> (Look, Option<Arc<Fault>>) {
        let (theme, fault) = match self.find(name) {
            Ok(theme) => (theme, None),
            Err(fault) => (self.default_theme(), Some(fault)),
        };
        if *name == settings.theme {
            let is_own = theme.base().is_some() || fault.is_some();
            self.shared.is_own_worn.store(is_own, Ordering::Relaxed);
            if !is_own {
                self.shared.is_faulty.store(false, Ordering::Relaxed);
            } else if fault.is_some() {
                self.shared.is_faulty.store(true, Ordering::Relaxed);
            }
        }
        (self.dressed(theme, settings), fault)
    }

    /// The look without the owner's own files, for a page that a mistake in them prevents.
    pub(in crate::web) fn without_mistake(&self, look: &Look, settings: &Settings) -> Option<Look> {
        let base = look.theme.base()?;
        Some(self.dressed(Arc::clone(base), settings))
    }

    /// Remembers what is wrong with a theme, and says so in the log once.
    pub(in crate::web) fn note(&self, name: &ThemeName, fault: &Arc<Fault>) {
        self.shared.is_faulty.store(true, Ordering::Relaxed);
        let mut known = self.known();
        let Some(known) = known.get_mut(name) else {
            return;
        };
        if known.fault.as_ref().is_none_or(|last| last != fault) {
            tracing::warn!(theme = %name, fault = %fault, "a template has a mistake; readers see the built-in page");
            known.fault = Some(Arc::clone(fault));
        }
    }

    /// Every theme there is, the built-in ones first.
    pub fn list(&self) -> Vec<(ThemeName, Manifest)> {
        let builtin = self.shared.builtin.iter();
        let mut all: Vec<_> = builtin
            .map(|theme| (theme.name().clone(), theme.manifest().clone()))
            .collect();
        let mut own: Vec<_> = folder::names(&self.shared.own)
            .into_iter()
            .filter(|name| all.iter().all(|(builtin, _)| builtin != name))
            .map(|name| {
                let manifest = folder::manifest(&self.shared.own.join(name.as_str()));
                (
                    name,
                    manifest.unwrap_or_else(|fault| Manifest::broken(&fault)),
                )
            })
            .collect();
        own.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        all.append(&mut own);
        all
    }

    /// The theme of this name, as its files are now.
    pub fn find(&self, name: &ThemeName) -> Result<Arc<Theme>, Arc<Fault>> {
        if self.is_builtin(name) {
            return self.builtin(name);
        }
        self.own_theme(name)
    }

    pub(super) fn is_builtin(&self, name: &ThemeName) -> bool {
        self.shared.builtin.iter().any(|theme| theme.name() == name)
    }

    fn builtin(&self, name: &ThemeName) -> Result<Arc<Theme>, Arc<Fault>> {
        let fresh;
        let all = match &self.shared.source {
            Some(_) => {
                fresh = builtin::all(&self.shared.assets, self.source())?;
                &fresh
            }
            None => &self.shared.builtin,
        };
        let found = all.iter().find(|theme| theme.name() == name);
        found
            .cloned()
            .ok_or_else(|| Arc::new(Fault::of_theme(name, "there is no such theme")))
    }

    fn default_theme(&self) -> Arc<Theme> {
        let fallback = || Arc::clone(&self.shared.builtin[0]);
        self.builtin(&ThemeName::default())
            .unwrap_or_else(|_| fallback())
    }

    fn own_theme(&self, name: &ThemeName) -> Result<Arc<Theme>, Arc<Fault>> {
        let now = self.now_millis();
        let last = self
            .known()
            .get(name)
            .map(|known| (known.stamp, known.looked_millis, known.theme.clone()));
        if let Some((_, looked, theme)) = &last
            && now.saturating_sub(*looked) < LOOK_INTERVAL_MILLIS
        {
            return theme.clone();
        }
        let folder = self.shared.own.join(name.as_str());
        let stamp = folder::stamp(&folder);
        if last.is_some_and(|(known, ..)| known == stamp)
            && let Some(known) = self.known().get_mut(name)
        {
            known.looked_millis = now;
            return known.theme.clone();
        }
        let theme = self.load(name, &folder).map_err(Arc::new);
        if let Err(fault) = &theme {
            tracing::warn!(theme = %name, %fault, "the theme cannot be used; readers see the default one");
        }
        let known = Known {
            stamp,
            looked_millis: now,
            theme: theme.clone(),
            fault: None,
        };
        self.known().insert(name.clone(), known);
        self.shared
            .is_faulty
            .store(theme.is_err(), Ordering::Relaxed);
        self.shared.state.fetch_add(1, Ordering::Relaxed);
        theme
    }

    fn load(&self, name: &ThemeName, folder: &Path) -> Result<Arc<Theme>, Fault> {
        let manifest = folder::manifest(folder)?;
        let base = match &manifest.extends {
            Some(base) if self.is_builtin(base) => self.builtin(base),
            Some(base) => Err(Arc::new(Fault::of_theme(
                name,
                &format!("it extends “{base}”, but only built-in themes can be extended"),
            ))),
            None => Ok(self.default_theme()),
        };
        let base = base.map_err(|fault| (*fault).clone())?;
        let layer = Layer::of_folder(name, folder)?;
        let assets = &self.shared.assets;
        Ok(Theme::own(name.clone(), manifest, base, layer, assets))
    }

    fn dressed(&self, theme: Arc<Theme>, settings: &Settings) -> Look {
        let choices = style::choices(settings);
        let key = (theme.stamp(), style::hash(&choices));
        let kept = self.stylesheets().get(&key).cloned();
        let stylesheet = kept.unwrap_or_else(|| {
            let made = self.shared.made.iter().map(|(_, css)| css.as_str());
            let sheet = style::bundle(made, &theme, &choices);
            let url = self.shared.assets.keep("style.css", sheet.into_bytes());
            let mut all = self.stylesheets();
            if all.len() >= MAX_STYLESHEETS {
                all.clear();
            }
            all.insert(key, url.clone());
            url
        });
        Look { theme, stylesheet }
    }

    fn source(&self) -> Option<&Path> {
        self.shared.source.as_deref()
    }

    fn now_millis(&self) -> u64 {
        u64::try_from(self.shared.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ThemeName, Known>> {
        self.shared
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn stylesheets(&self) -> MutexGuard<'_, HashMap<(u64, u64), String>> {
        self.shared
            .stylesheets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
