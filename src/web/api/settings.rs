//! The site's settings over the API, for who manages them: the same as the page “Appearance” has.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, Schema, SchemaType, Type};
use utoipa::openapi::{OneOfBuilder, RefOr};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use crate::app::{self, settings};
use crate::domain::settings::Settings;
use crate::domain::text::MAX_TITLE_CHARS;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form};
use super::check::Check;
use super::named::FontStackName;
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{NoFilters, Question};
use super::words;

#[derive(OpenApi)]
#[openapi(paths(show, change))]
pub(super) struct Described;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box the owner ticks"
)]
#[expect(
    dead_code,
    reason = "it is there to be described; the domain writes it"
)]
/// How the site is called, what it looks like, and what machines are told.
#[derive(Debug, ToSchema)]
#[schema(as = Settings)]
struct SettingsObject {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    #[schema(max_length = 2000)]
    description: String,
    /// What it is written in, such as `en` or `pt-BR` (BCP 47).
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    language: String,
    /// For dates and schedules: an IANA name, such as `Europe/Lisbon`.
    #[schema(max_length = 64)]
    time_zone: String,
    #[schema(minimum = 1, maximum = 100)]
    posts_per_page: u32,
    /// Curly quotes and dashes from straight ones.
    smart_punctuation: bool,
    /// The name of its folder.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,39}$")]
    theme: String,
    /// `null`: the theme's own.
    #[schema(required = true, pattern = "^#[0-9a-fA-F]{6}$")]
    accent: Option<String>,
    #[schema(value_type = FontStackName)]
    font_text: String,
    #[schema(value_type = FontStackName)]
    font_headings: String,
    /// An address on the web, or a path on this site.
    #[schema(required = true, max_length = 2000)]
    logo: Option<String>,
    #[schema(required = true, max_length = 2000)]
    cover: Option<String>,
    #[schema(max_items = 30)]
    navigation: Vec<LinkObject>,
    #[schema(max_items = 30)]
    footer_links: Vec<LinkObject>,
    #[schema(max_items = 30)]
    social_links: Vec<LinkObject>,
    #[schema(max_length = 102_400)]
    custom_css: String,
    /// HTML put into every page as it is.
    #[schema(max_length = 65_536)]
    code_head: String,
    #[schema(max_length = 65_536)]
    code_foot: String,
    /// Style sheet and code are left out of every page, to get out of a mistake.
    safe_mode: bool,
    /// The text of `/robots.txt`; `null`: everything but what trains models is welcome.
    #[schema(required = true, max_length = 65_536)]
    robots_txt: Option<String>,
    /// A `WebSub` hub.
    #[schema(required = true, max_length = 2000)]
    websub_hub: Option<String>,
    /// Each post's text at its address with `.md`.
    markdown_pages: bool,
    llms_txt: bool,
    /// Where weaknesses are reported to, for `security.txt`.
    #[schema(required = true, pattern = "^(mailto:|https://)\\S+$")]
    security_contact: Option<String>,
}

/// A labelled address.
#[derive(Debug, ToSchema)]
#[schema(as = SettingsLink)]
#[expect(
    dead_code,
    reason = "it is there to be described; the domain writes it"
)]
struct LinkObject {
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// An address on the web, or a path on this site.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
}

/// The settings as they are to be changed: any of them; `null` puts one back to what a new site has.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::web) struct SettingsForm(Map<String, Value>);

impl PartialSchema for SettingsForm {
    /// The settings, with none that must be there and each that may be `null`.
    fn schema() -> RefOr<Schema> {
        let mut whole = SettingsObject::schema();
        if let RefOr::T(Schema::Object(object)) = &mut whole {
            object.required.clear();
            object.description = Some(
                "Any of the settings; `null` puts one back to what a new site has.".to_owned(),
            );
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            for property in object.properties.values_mut() {
                *property = nullable(std::mem::take(property));
            }
            for name in ["logo", "cover", "websub_hub"] {
                let address = Schema::Object(words::maybe_address());
                object.properties.insert(name.to_owned(), address.into());
            }
        }
        whole
    }
}

impl ToSchema for SettingsForm {
    fn name() -> std::borrow::Cow<'static, str> {
        "SettingsPatch".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SettingsObject::schemas(schemas);
    }
}

fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    let with_null = |kind: &SchemaType| match kind {
        SchemaType::Type(kind) => SchemaType::from_iter([kind.clone(), Type::Null]),
        several => several.clone(),
    };
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = with_null(&object.schema_type);
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = with_null(&array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        other => OneOfBuilder::new()
            .item(utoipa::openapi::schema::ObjectBuilder::new().schema_type(Type::Null))
            .item(other)
            .into(),
    }
}

const FIELDS: &[&str] = &[
    "title",
    "description",
    "language",
    "time_zone",
    "posts_per_page",
    "smart_punctuation",
    "theme",
    "accent",
    "font_text",
    "font_headings",
    "logo",
    "cover",
    "navigation",
    "footer_links",
    "social_links",
    "custom_css",
    "code_head",
    "code_foot",
    "safe_mode",
    "robots_txt",
    "websub_hub",
    "markdown_pages",
    "llms_txt",
    "security_contact",
];

impl Form for SettingsForm {
    const FIELDS: &'static [&'static str] = FIELDS;
    const MAY_BE_EMPTY: bool = false;
}

impl SettingsForm {
    /// The settings with these in their place; what is wrong with each is told at once.
    fn lay_over(self, before: &Settings) -> Result<Settings, app::Error> {
        let before = serde_json::to_value(before).map_err(app::Error::internal)?;
        let Value::Object(mut whole) = before else {
            return Err(app::Error::internal("settings are an object"));
        };
        let mut check = Check::default();
        for (name, value) in self.0 {
            let Some(&field) = FIELDS.iter().find(|field| **field == name) else {
                check.refuse("body", format!("There is no setting “{name}”"));
                continue;
            };
            if value.is_null() {
                // What is left out has its default.
                whole.remove(field);
                continue;
            }
            let is_short =
                |text: &str| field != "title" || check.short(field, text, MAX_TITLE_CHARS);
            if !value.as_str().is_none_or(is_short) {
                continue;
            }
            let alone = Map::from_iter([(name, value.clone())]);
            let alone = serde_json::from_value::<Settings>(Value::Object(alone));
            if check.take(field, alone).is_some() {
                whole.insert(field.to_owned(), value);
            }
        }
        check.done(())?;
        serde_json::from_value(Value::Object(whole)).map_err(app::Error::internal)
    }
}

/// Read the settings
#[utoipa::path(
    get, path = "/api/v1/settings", operation_id = "showSettings", tag = "settings",
    params(IfNoneMatchHeader),
    responses((status = 200, description = "All settings.", body = SettingsObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let settings = site.work(move |site| settings::show(&site.app, &actor));
    answer::thing(&site, &request, &settings.await?, None)
}

/// Change settings
#[utoipa::path(
    patch, path = "/api/v1/settings", operation_id = "changeSettings", tag = "settings",
    params(IfMatchHeader),
    request_body(content(
        (SettingsForm = "application/merge-patch+json"), (SettingsForm = "application/json")
    )),
    responses((status = 200, description = "All settings as they are now.", body = SettingsObject)),
)]
pub(in crate::web) async fn change(
    site: Data<Site>,
    Program(actor): Program,
    if_match: IfMatch,
    _: Question<NoFilters>,
    Body(form): Body<SettingsForm>,
) -> Result<HttpResponse, Error> {
    let changed = site.work(move |site| {
        settings::rewrite(&site.app, &actor, |before| {
            if_match.require(&answer::tag_of(before, None)?)?;
            form.lay_over(before)
        })
    });
    answer::changed(&changed.await?, None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn names(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn every_setting_is_described_and_can_be_changed() {
        let there = names(&json!(Settings::default()));
        let known: BTreeSet<String> = FIELDS.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(there, known);
        for schema in [SettingsObject::schema(), SettingsForm::schema()] {
            assert_eq!(names(&json!(schema)["properties"]), known);
        }
        assert_eq!(json!(SettingsForm::schema()).get("required"), None);
    }

    fn laid(patch: Value) -> Result<Settings, String> {
        let form: SettingsForm = serde_json::from_value(patch).unwrap();
        let before = Settings {
            description: "Before".to_owned(),
            posts_per_page: 7,
            ..Settings::default()
        };
        form.lay_over(&before).map_err(|error| error.to_string())
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let after = laid(json!({ "description": "After", "posts_per_page": null })).unwrap();
        assert_eq!(
            (after.description.as_str(), after.posts_per_page),
            ("After", 10)
        );
        let link = json!([{ "label": "About", "url": "/about" }]);
        assert_eq!(
            laid(json!({ "navigation": link }))
                .unwrap()
                .navigation
                .len(),
            1
        );
        assert_eq!(laid(json!({})).unwrap().posts_per_page, 7);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let told = laid(json!({
            "titel": "x", "posts_per_page": "many", "accent": "red",
            "navigation": [{ "label": "x", "url": "javascript:0" }],
        }));
        let told = told.unwrap_err();
        for part in [
            "body: ",
            "“titel”",
            "posts_per_page: ",
            "accent: ",
            "navigation: ",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}
