//! How words of the domain are described: which ones there are is said by the domain itself, so that the
//! description cannot lag behind.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::appearance::FontStack;
use crate::domain::change::Noun;
use crate::domain::post::Status;
use crate::domain::token::Scope;
use crate::domain::user::Role;

macro_rules! named {
    ($($(#[doc = $doc:literal])+ $name:ident is $word:ty;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = <$word>::ALL.iter().map(|word| word.as_str());
                let about = [$($doc),+].concat();
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(about.trim()))
                    .enum_values(Some(words))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($word))
            }
        }
    )+};
}

named! {
    /// What somebody may do: from the owner, who may do everything, down.
    RoleName is Role;
    /// What a token may do of what its holder may.
    ScopeName is Scope;
    /// A family of letters.
    FontStackName is FontStack;
    /// What a thing is.
    NounName is Noun;
    /// Where a post stands.
    StatusName is Status;
}
