//! `doorstep standard check`.

use std::path::Path;

use doorstep::standard::Standard;

/// Checks the standard in `file`; `Err` holds every error at its place, a line each.
pub(crate) fn check(file: &Path) -> Result<(), String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let place = |error: &doorstep::base::SourceError| {
        format!("{name}:{}:{}: {}", error.line, error.column, error.message)
    };
    match Standard::load(&text) {
        Ok(standard) => {
            for warning in standard.warnings() {
                eprintln!("{} (a warning)", place(warning));
            }
            let steps: usize = standard.phases().iter().map(|phase| phase.steps.len()).sum();
            let (id, version) = (standard.id(), standard.version());
            println!("{name}: `{id}` version {version} can be used: {steps} steps");
            Ok(())
        }
        Err(errors) => Err(errors.iter().map(place).collect::<Vec<_>>().join("\n")),
    }
}
