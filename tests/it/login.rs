//! Sign-in: the pages, the gate, and every way in.

mod gate;
mod html;
mod pages;
mod passwords;
mod sessions;
mod shield;
