//! What gives rights and what comes of it.

mod reference;
mod worlds;
