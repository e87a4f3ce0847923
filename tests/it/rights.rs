//! What gives rights and what comes of it.

mod catalogue;
mod reference;
mod worlds;
