//! The program. See `cli` for what it does.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match countersign::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "countersign: {error:#}");
            ExitCode::FAILURE
        }
    }
}
