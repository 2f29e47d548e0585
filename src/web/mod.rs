//! HTTP: how readers, authors and programs reach the blog.
