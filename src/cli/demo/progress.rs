//! How far it is: a bar on a terminal, otherwise a line at each quarter.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output::say;

/// The progress of one phase.
pub(super) struct Progress {
    bar: ProgressBar,
    what: &'static str,
    is_plain: bool,
}

impl Progress {
    /// Begins a phase of so many steps.
    pub(super) fn start(what: &'static str, steps: usize) -> Self {
        let style = ProgressStyle::with_template("{msg:>12} {wide_bar} {pos}/{len} {elapsed}");
        let bar = ProgressBar::new(steps as u64).with_message(what);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, what, is_plain: !std::io::stderr().is_terminal() }
    }

    /// So many steps are done.
    ///
    /// # Errors
    /// If standard error is closed.
    pub(super) fn advance(&self, steps: usize) -> anyhow::Result<()> {
        let before = self.bar.position();
        self.bar.inc(steps as u64);
        let (now, all) = (self.bar.position(), self.bar.length().unwrap_or(1).max(1));
        if self.is_plain && now * 4 / all > before * 4 / all {
            say(&format!("{:>12} {now}/{all}", self.what))?;
        }
        Ok(())
    }

    /// The phase is over; its bar stays.
    pub(super) fn end(self) {
        self.bar.finish();
    }
}
