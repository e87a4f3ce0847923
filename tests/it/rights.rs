//! What gives rights, who has them, and why.

mod catalogue;
