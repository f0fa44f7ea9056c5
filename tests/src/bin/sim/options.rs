//! What the command line asks for. What is done about it stands in `main`.

use clap::builder::RangedU64ValueParser;
use clap::{Parser, value_parser};

/// The simulation in which nothing may be lost: over many seeds, up to the first that fails, or over one.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask sim", override_usage = USAGE)]
pub(crate) struct Options {
    /// Run so many seeds, on all cores
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = half())]
    pub(crate) seeds: u64,
    /// Begin with this seed
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = half())]
    pub(crate) from: u64,
    /// Run this seed alone
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from"])]
    pub(crate) seed: Option<u64>,
    /// Tell all that happens in it
    #[arg(long, requires = "seed")]
    pub(crate) trace: bool,
}

/// Numbers of which two have a sum.
fn half() -> RangedU64ValueParser {
    value_parser!(u64).range(..=u64::MAX / 2)
}

const USAGE: &str =
    "cargo xtask sim [--seeds N] [--from S]\n       cargo xtask sim --seed N [--trace]";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(["sim"].into_iter().chain(line.split_whitespace()))
    }

    #[test]
    fn what_is_asked_for_is_read() {
        for (line, expected) in [
            ("", (20_000, 0, None, false)),
            ("--seeds 3 --from 7", (3, 7, None, false)),
            ("--seed 7", (20_000, 0, Some(7), false)),
            ("--trace --seed 7", (20_000, 0, Some(7), true)),
        ] {
            let Options { seeds, from, seed, trace } = read(line).expect(line);
            assert_eq!((seeds, from, seed, trace), expected, "{line}");
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
            assert!(read(line).is_err(), "{line}");
        }
    }
}
