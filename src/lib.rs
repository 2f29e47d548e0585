//! Inkstand, a blog in one binary. This file is the map; `docs/ARCHITECTURE.md` is the guide.

// Core: no I/O.
pub mod domain; // what a blog is made of: posts, people, tags, and the types only valid values fit

// Edges: how the world touches it.
pub mod config; // file, environment and flags become one checked configuration
