//! What gives rights and what comes of it.

mod catalogue;
mod previews;
mod reference;
mod worlds;
