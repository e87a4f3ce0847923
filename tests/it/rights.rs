//! What gives rights and what comes of it.

mod acknowledged;
mod catalogue;
mod ceilings;
mod individual;
mod memberships;
mod permissions;
mod places;
mod previews;
mod reach;
mod reference;
mod scene;
mod unseen;
mod worlds;
