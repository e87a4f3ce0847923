//! What gives rights and what comes of it.

mod acknowledged;
mod catalogue;
mod ceilings;
mod command_line;
mod explained;
mod foreseen;
mod holders;
mod individual;
mod memberships;
mod permissions;
mod places;
mod previews;
mod reach;
mod reference;
mod scene;
mod stops;
mod unseen;
mod worlds;
