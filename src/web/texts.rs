//! The texts of the interface for templates: `t`, `language_name` and `number`. Their language is the
//! page's, as the template's own variables have it; where there are no texts in it, the site's.

use std::fmt::Write as _;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, HtmlEscape, State, Value};

use crate::domain::language::Language;
use crate::texts::{self, Argument, Catalogue};

const PAGE: &str = "page";
const SITE: &str = "site";

pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_function("t", text);
    environment.add_function("number", |state: &State<'_, '_>, number: i64| {
        texts::number(&language(state), number)
    });
    environment.add_function("language_name", |tag: &str| {
        texts::language_name(tag).to_owned()
    });
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands arguments over by value"
)]
fn text(state: &State<'_, '_>, key: &str, given: Kwargs) -> Result<Value, Error> {
    let names: Vec<&str> = given.args().collect();
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        values.push((name, given.get::<Value>(name)?));
    }
    // With markup among the arguments the result is markup, and everything else in it is escaped here.
    // Without, it is a text like any other, escaped where it is put.
    let is_markup = matches!(state.auto_escape(), AutoEscape::Html)
        && values.iter().any(|(_, value)| value.is_safe());
    let arguments: Vec<(&str, Argument<'_>)> = values
        .iter()
        .map(|(name, value)| (*name, argument(value, is_markup)))
        .collect();
    let catalogue = catalogue(state);
    let said = if is_markup {
        catalogue
            .get_with(key, &arguments, |words, made| {
                // Writing to a string cannot fail.
                let _ = write!(made, "{}", HtmlEscape(words));
            })
            .map(Value::from_safe_string)
    } else {
        catalogue.get(key, &arguments).map(Value::from)
    };
    said.map_err(|missing| Error::new(ErrorKind::InvalidOperation, missing.to_string()))
}

fn argument(value: &Value, is_markup: bool) -> Argument<'_> {
    if value.kind() == ValueKind::Number
        && let Some(number) = value.as_i64()
    {
        return Argument::Number(number);
    }
    let text = value.to_string();
    if is_markup && !value.is_safe() {
        Argument::Text(HtmlEscape(&text).to_string().into())
    } else {
        Argument::Text(text.into())
    }
}

fn catalogue(state: &State<'_, '_>) -> &'static Catalogue {
    let languages = [PAGE, SITE].map(|variable| language_of(state, variable));
    let mut catalogues = languages.iter().flatten().map(|language| {
        let catalogue = texts::of(language);
        (
            catalogue,
            catalogue.language().primary() == language.primary(),
        )
    });
    let own = catalogues.find(|(_, is_own)| *is_own);
    own.map_or_else(
        || texts::of(&Language::default()),
        |(catalogue, _)| catalogue,
    )
}

fn language(state: &State<'_, '_>) -> Language {
    language_of(state, PAGE)
        .or_else(|| language_of(state, SITE))
        .unwrap_or_default()
}

fn language_of(state: &State<'_, '_>, variable: &str) -> Option<Language> {
    let tag = state.lookup(variable)?.get_attr("language").ok()?;
    Language::parse(tag.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn made(template: &str, context: Value) -> Result<String, Error> {
        let mut environment = Environment::new();
        add_to(&mut environment);
        environment.add_template("a.html", template)?;
        environment.get_template("a.html")?.render(context)
    }

    fn site() -> Value {
        context! { site => context! { language => "en" } }
    }

    #[test]
    fn what_people_wrote_is_escaped_once() {
        let with = |template| made(template, site()).unwrap();
        assert_eq!(
            with("{{ t('archive_of', period='<b>') }}"),
            "Archive: &lt;b&gt;"
        );
        assert_eq!(
            with("{{ t('did_you_mean', suggestion='a & b') }}"),
            "Did you mean a &amp; b?"
        );
    }

    #[test]
    fn markup_may_stand_in_a_text() {
        let template =
            "{% set link %}<a>{{ '<i>' }}</a>{% endset %}{{ t('archive_of', period=link) }}";
        assert_eq!(made(template, site()).unwrap(), "Archive: <a>&lt;i&gt;</a>");
        let template = "{% set b %}<b>&</b>{% endset %}{{ t('feed_of_tag', site=b, tag='<i>') }}";
        assert_eq!(
            made(template, site()).unwrap(),
            "<b>&</b>: posts tagged &lt;i&gt;"
        );
    }

    #[test]
    fn a_typo_is_a_mistake() {
        for (template, told) in [
            ("{{ t('serach') }}", "serach"),
            ("{{ t('archive_of', preiod='x') }}", "period=…"),
            ("{{ t('posts_count') }}", "n=…"),
        ] {
            let mistake = format!("{:#}", made(template, site()).unwrap_err());
            assert!(mistake.contains(told), "{mistake}");
        }
    }

    #[test]
    fn macros_and_loops_speak_the_language_too() {
        let template = "{% macro m(n) %}{{ number(n) }}{% endmacro %}{% for n in [12345] %}{{ m(n) }}{% endfor %}";
        let german = context! {
            page => context! { language => "de" },
            site => context! { language => "en" },
        };
        assert_eq!(made(template, german).unwrap(), "12.345");
        assert_eq!(made(template, site()).unwrap(), "12,345");
        assert_eq!(made(template, context! {}).unwrap(), "12,345");
    }

    #[test]
    fn a_page_in_a_language_without_texts_speaks_the_sites() {
        let said = |page: &str| {
            let context = context! {
                page => context! { language => page },
                site => context! { language => "de" },
            };
            made(
                "{{ t('archive_of', period='x') }} {{ number(12345) }}",
                context,
            )
            .unwrap()
        };
        assert_eq!(said("es"), "Archivo: x 12.345");
        assert_eq!(said("hi"), "Archiv: x 12,345");
        assert_eq!(said("en-GB"), "Archive: x 12,345");
    }
}
