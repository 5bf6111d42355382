//! Runs fleets from seeds: `fleet SEED [STEPS [RUNS]]`. For looking at one that failed.

use std::process::ExitCode;

use sim::world::World;

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let (seed, steps, runs) =
        (numbers.first().copied().unwrap_or(1), numbers.get(1).copied().unwrap_or(50_000), numbers.get(2).copied().unwrap_or(1));
    for seed in seed..seed + runs {
        match World::run(seed, steps, None) {
            Ok(tally) => println!("seed {seed}: {tally:?}"),
            Err(why) => {
                println!("{why}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
