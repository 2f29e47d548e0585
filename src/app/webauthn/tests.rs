//! Passkeys as a device would answer.
