//! HTTP: how readers, authors and programs reach the blog.

pub mod connections;
pub mod error;
pub mod health;
pub mod limits;
pub mod middleware;
pub mod pace;
pub mod respond;
pub mod server;
