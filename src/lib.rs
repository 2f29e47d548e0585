//! Inkstand, a blog in one binary. This file is the map; `docs/ARCHITECTURE.md` is the guide.

// Core: no I/O.
pub mod domain; // what a blog is made of: posts, people, tags, and the types only valid values fit

// State: replaceable machinery.
pub mod cache; // finished pages, so that a page asked for twice is made once

// Edges: how the world touches it.
pub mod telemetry; // logs and metrics
pub mod web; // HTTP: the URL table, handlers, middleware, errors
