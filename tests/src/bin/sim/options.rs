//! What the command line asks for. What is done about it stands in `main`.

/// What is to be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `--help`.
    Help,
    /// One seed, and perhaps all that happens in it.
    One { seed: u64, traced: bool },
    /// Seeds from one on, up to the first that fails.
    Many { from: u64, seeds: u64 },
}

/// How the command is used.
pub(crate) const USAGE: &str = "\
cargo xtask sim [--seeds N] [--from S]   runs N seeds from seed S on (20000 from 0), on all cores
cargo xtask sim --seed N [--trace]       runs one seed, and tells all that happens in it";

impl Command {
    /// Reads the arguments behind the program's name, or tells what is wrong with them.
    pub(crate) fn read(arguments: &[&str]) -> Result<Self, String> {
        let (mut one, mut from, mut seeds, mut traced) = (None, None, None, false);
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            let number = match argument {
                "--help" | "-h" => return Ok(Self::Help),
                "--trace" => {
                    traced = true;
                    continue;
                }
                "--seed" => &mut one,
                "--from" => &mut from,
                "--seeds" => &mut seeds,
                other => return Err(format!("no such option: {other}")),
            };
            let value = arguments.next().ok_or_else(|| format!("{argument} takes a number"))?;
            let read =
                value.parse().map_err(|_| format!("{argument} takes a number, not {value}"))?;
            *number = Some(read);
        }
        match (one, from, seeds) {
            (Some(seed), None, None) => Ok(Self::One { seed, traced }),
            (Some(_), ..) => Err("--seed runs one seed: no --seeds and no --from".to_owned()),
            (None, ..) if traced => Err("--trace tells of one seed: --seed N".to_owned()),
            (None, from, seeds) => {
                let (from, seeds) = (from.unwrap_or(0), seeds.unwrap_or(SEEDS));
                from.checked_add(seeds).ok_or("there are no such seeds")?;
                Ok(Self::Many { from, seeds })
            }
        }
    }
}

/// How many seeds are run if nobody says.
const SEEDS: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        for (line, command) in [
            ("", Command::Many { from: 0, seeds: SEEDS }),
            ("--seeds 3 --from 7", Command::Many { from: 7, seeds: 3 }),
            ("--seed 7", Command::One { seed: 7, traced: false }),
            ("--trace --seed 7", Command::One { seed: 7, traced: true }),
            ("--seed 7 --help", Command::Help),
        ] {
            let arguments: Vec<_> = line.split_whitespace().collect();
            assert_eq!(Command::read(&arguments), Ok(command), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--sed 7",
            "7",
            "--seed",
            "--seed x",
            "--seeds -1",
            "--seed 7 --seeds 3",
            "--seed 7 --from 3",
            "--trace",
            "--from 18446744073709551615",
        ] {
            let arguments: Vec<_> = line.split_whitespace().collect();
            assert!(Command::read(&arguments).is_err(), "{line}");
        }
    }
}
