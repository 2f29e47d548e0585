//! HTTP: how readers, authors and programs reach the blog.

pub mod app_error;
mod connections;
pub mod error;
mod farewell;
pub mod health;
pub mod limits;
mod middleware;
mod pace;
pub mod respond;
pub mod server;
