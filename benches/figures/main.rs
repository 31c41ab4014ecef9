//! `cargo bench`: Doorstep's figures, each beside the floor it can't go below.
//!
//! Every floor does the least that gives the same promise (a row that survives loss of power, a
//! body that reached the other side) and is sampled in turn with ours. `-- --quick` takes few
//! samples, to see that everything still runs; `-- NAME…` runs only the parts named. The table goes
//! to standard output, the same for machines to `target/bench.json`. Missing a goal is no failure:
//! the figures are there to be read.

mod act;
mod day;
mod file;
mod link;
mod measure;
mod photos;
mod raw;
mod screens;
mod server;
mod visits;
mod world;
mod years;

use std::path::{Path, PathBuf};

use measure::{Failed, Figure};

/// How much to measure.
pub(crate) struct Plan {
    /// Few samples.
    pub(crate) quick: bool,
    /// Where databases are made: on the disk that is measured.
    pub(crate) directory: PathBuf,
}

type Part = fn(&Plan) -> Result<Vec<Figure>, Failed>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, database] = &arguments[..]
        && flag == file::MEMORY_FLAG
    {
        return file::print_memory(Path::new(database));
    }
    if let [flag, database] = &arguments[..]
        && flag == screens::MEMORY_FLAG
    {
        return screens::print_memory(Path::new(database));
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let named: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|wanted| *wanted == name);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let plan = Plan { quick, directory: target.join("bench") };
    std::fs::create_dir_all(&plan.directory)?;

    let parts: [(&str, Part); 8] = [
        ("act", act::figures),
        ("file", file::figures),
        ("day", day::figures),
        ("link", link::figures),
        ("years", years::figures),
        ("photos", photos::figures),
        ("screens", screens::figures),
        ("server", server::figures),
    ];
    let mut figures = Vec::new();
    for (name, part) in parts {
        if wanted(name) {
            eprintln!("measuring {name} …");
            figures.extend(part(&plan)?);
        }
    }
    measure::print(&figures);
    measure::write(&figures, quick, &target.join("bench.json"))
}
