//! What people may do, and what gives it.

pub mod catalogue;
