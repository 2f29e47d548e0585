//! Inkstand, a blog in one binary. This file is the map; `docs/ARCHITECTURE.md` is the guide.

// Core: no I/O.
pub mod domain; // what a blog is made of: posts, people, tags, and the types only valid values fit

// State: replaceable machinery.
pub mod search; // finding posts again: full-text index, query language, snippets
