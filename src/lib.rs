//! Inkstand, a blog in one binary. This file is the map; `docs/ARCHITECTURE.md` is the guide.

// Core: no I/O.
pub mod domain; // what a blog is made of: posts, people, tags, and the types only valid values fit
pub mod render; // markdown to safe HTML, and what a page says about itself: pure functions
