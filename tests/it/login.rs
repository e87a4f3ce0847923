//! Sign-in: the pages, the gate, and every way in.

mod gate;
mod html;
mod pages;
mod sessions;
mod shield;
