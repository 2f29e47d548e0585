//! Encryption on the way to readers, and the certificates for it: shown by name, renewed in time, never
//! without one. Papers lie in a vault that is handed in; must not know what is served, nor the store.

mod certificate;
mod challenges;
mod course;
mod door;
mod keeper;
mod messenger;
mod orders;
mod own;
mod papers;
mod plan;
mod resolver;
mod standing;
mod stream;
mod tickets;
mod trouble;
mod visit;

pub use certificate::CertificateError;
pub use door::{Door, Session};
pub use keeper::{Keeper, KeeperError, Options, Overview, look};
pub use orders::Asking;
pub use own::{Files, look_at};
pub use papers::{PaperError, Papers, Seal, Vault, VaultError};
pub use standing::Standing;
pub use stream::Encrypted;
pub use visit::visit;
