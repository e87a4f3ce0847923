//! What gives rights and what comes of it.

mod previews;
mod reference;
mod worlds;
