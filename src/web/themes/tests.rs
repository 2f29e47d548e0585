//! Themes as their owners meet them: whole, with mistakes, and after a change.

use std::path::Path;

use minijinja::context;

use super::*;

fn themes(own: &Path) -> Themes {
    Themes::new(
        vec![("content.css", ".c{}".to_owned())],
        None,
        own.to_owned(),
    )
    .unwrap()
}

fn name(text: &str) -> ThemeName {
    ThemeName::parse(text).unwrap()
}

fn put(own: &Path, file: &str, content: &str) {
    let path = own.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn told(themes: &Themes, theme: &str) -> Vec<String> {
    let findings = check(&themes.find(&name(theme)).unwrap()).unwrap();
    let lines = findings.iter().map(|finding| finding.fault.to_string());
    lines.collect()
}

#[test]
fn the_built_in_themes_have_no_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let themes = themes(folder.path());
    for (theme, manifest) in themes.list() {
        assert_eq!(
            told(&themes, theme.as_str()),
            Vec::<String>::new(),
            "{theme}"
        );
        assert!(!manifest.description.is_empty());
    }
}

#[test]
fn an_own_theme_is_laid_over_the_one_it_extends() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "mine/theme.toml", "extends = \"plain\"");
    put(
        folder.path(),
        "mine/error.html",
        "{{ error.status }} {{ asset('own.css') }}",
    );
    put(folder.path(), "mine/static/own.css", "p{}");
    put(folder.path(), "mine/static/site.css", ".mine{}");
    let themes = themes(folder.path());
    assert_eq!(told(&themes, "mine"), Vec::<String>::new());
    let settings = Settings {
        theme: name("mine"),
        ..Settings::default()
    };
    let (look, fault) = themes.look(&settings.theme, &settings);
    assert_eq!(fault, None);
    let made = look.theme.render(
        "error.html",
        context! { error => context! { status => 404 } },
    );
    let made = made.unwrap();
    assert!(made.starts_with("404 /assets/own."), "{made}");
    let sheet = themes
        .assets()
        .page(look.stylesheet.strip_prefix("/assets/").unwrap());
    assert!(sheet.is_some());
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "mine/theme.toml", "");
    put(
        folder.path(),
        "mine/teaser.html",
        "{% macro teaser(post) %}\n<p>{{ post.titel.de }}</p>\n{% endmacro %}",
    );
    put(folder.path(), "mine/home.html", "one\n{% if %}\n");
    let lines = told(&themes(folder.path()), "mine");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("mine/home.html:2: ")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("mine/teaser.html:2: ")),
        "{lines:?}"
    );
}

#[test]
fn a_theme_that_goes_on_for_ever_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "mine/theme.toml", "");
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    put(folder.path(), "mine/home.html", endless);
    put(folder.path(), "mine/post.html", "{% include 'post.html' %}");
    let lines = told(&themes(folder.path()), "mine");
    assert!(lines.iter().any(|line| line.contains("fuel")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.contains("mine/post.html:1")),
        "{lines:?}"
    );
}

#[test]
fn what_cannot_be_a_theme_gives_the_default_one() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "broken/theme.toml", "extends = 7");
    put(folder.path(), "odd/theme.toml", "extends = \"broken\"");
    std::os::unix::fs::symlink("/etc", folder.path().join("away")).unwrap();
    let themes = themes(folder.path());
    for theme in ["broken", "odd", "away", "missing"] {
        let settings = Settings {
            theme: name(theme),
            ..Settings::default()
        };
        let (look, fault) = themes.look(&settings.theme, &settings);
        assert!(fault.is_some(), "{theme}");
        assert_eq!(look.theme.name(), &ThemeName::default());
        assert!(themes.is_faulty());
    }
    assert!(
        themes
            .list()
            .iter()
            .any(|(_, manifest)| manifest.description.contains("cannot be used"))
    );
}

#[test]
fn a_new_theme_begins_without_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let themes = themes(folder.path());
    let base = themes.find(&ThemeName::default()).unwrap();
    begin(folder.path(), &name("fresh"), &base).unwrap();
    assert_eq!(told(&themes, "fresh"), Vec::<String>::new());
    assert!(
        begin(folder.path(), &name("fresh"), &base).is_err(),
        "nothing is written over"
    );
}
