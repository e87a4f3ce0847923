//! What the vendor's product is told: access decisions (`AuthZEN`), rights and their changes.

mod costs;
mod errors;
mod evaluation;
mod feed;
mod metadata;
mod rights;
mod scale;
mod scene;
mod stale;
mod tokens;
