//! What a blog is made of, as types that exist only when valid. Does no I/O.

pub mod actor;
pub mod appearance;
pub mod audit;
pub mod change;
pub mod client;
pub mod clock;
pub mod destination;
pub mod entry;
pub mod grant;
pub mod host;
pub mod id;
pub mod invitation;
pub mod language;
pub mod media;
pub mod network;
pub mod origin;
pub mod passkey;
pub mod password;
pub mod place;
pub mod post;
pub mod redirect;
pub mod second_factor;
pub mod session;
pub mod settings;
pub mod slug;
pub mod tag;
pub mod text;
pub mod time;
pub mod token;
pub mod user;
pub mod web_origin;
pub mod webhook;

/// The program's version: that of the source, unless whoever builds it says another.
pub const VERSION: &str = match option_env!("INKSTAND_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// An enum that is stored and sent as one word a variant.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
