//! The program as its operators meet it: a process with arguments, environment, signals and logs.

mod cli;
mod crash;
mod operations;
mod processes;
mod signatures;
