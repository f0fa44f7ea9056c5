//! `cargo xtask autobahn`: Autobahn|Testsuite against our server and our client. How it is installed,
//! how one run goes and how its report is read stand in the modules below.

mod install;
mod results;
mod trial;

use std::time::Duration;

use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;
use crate::stopwatch::{now, seconds};
use crate::workspace::Workspace;

use trial::{Mode, Role, Trial};

/// The step: both roles, each without and with permessage-deflate.
pub(crate) fn autobahn() -> Outcome {
    test(&Choice { roles: vec![Role::Server, Role::Client], cases: Cases::Sample })
}

/// The same, as far as `options` choose it.
pub(crate) fn chosen(options: &[&str]) -> Outcome {
    test(&Choice::parse(options)?)
}

struct Choice<'a> {
    roles: Vec<Role>,
    cases: Cases<'a>,
}

enum Cases<'a> {
    /// All but the long groups 12 and 13, and two of each of their sub-groups.
    Sample,
    Whole,
    /// Those that match a pattern, such as `6.4.*`.
    Named(Vec<&'a str>),
}

impl<'a> Choice<'a> {
    fn parse(options: &[&'a str]) -> Result<Self, String> {
        let (mut roles, mut whole, mut named) = (Vec::new(), false, Vec::new());
        for &option in options {
            match option {
                "--server" => roles.push(Role::Server),
                "--client" => roles.push(Role::Client),
                "--whole" => whole = true,
                case if case.starts_with(|first: char| first.is_ascii_digit()) => named.push(case),
                other => return Err(format!("no such option: cargo xtask autobahn {other}")),
            }
        }
        if roles.is_empty() {
            roles = vec![Role::Server, Role::Client];
        }
        let cases = match (whole, named.is_empty()) {
            (true, true) => Cases::Whole,
            (false, true) => Cases::Sample,
            (false, false) => Cases::Named(named),
            (true, false) => return Err("--whole already means every case".to_owned()),
        };
        Ok(Self { roles, cases })
    }
}

impl Cases<'_> {
    /// How long a trial may take: for the sample many times what it does, for all what all may.
    fn limit(&self) -> Duration {
        match self {
            Self::Sample => Duration::from_secs(5 * 60),
            Self::Whole | Self::Named(_) => Duration::from_secs(60 * 60),
        }
    }

    /// The patterns for the suite. Groups 12 and 13 ask for permessage-deflate, the others for none.
    fn patterns(&self, mode: Mode) -> Vec<&str> {
        let mut patterns = match self {
            Self::Sample => [CORE, SAMPLE].concat(),
            Self::Whole => [CORE, DEFLATE].concat(),
            Self::Named(cases) => cases.clone(),
        };
        if mode == Mode::Plain {
            patterns.retain(|pattern| !matches!(pattern.split('.').next(), Some("12" | "13")));
        }
        patterns
    }
}

fn test(choice: &Choice) -> Outcome {
    let target_dir = Workspace::read()?.target_dir;
    let directory = target_dir.join("autobahn");
    let python = match install::install(&directory) {
        Ok(python) => python,
        Err(why) => return Ok(Verdict::Skipped(format!("the suite cannot be installed: {why}"))),
    };
    sh("cargo build --locked --release --package tidewire-tests --example autobahn").run()?;
    let testee = target_dir.join("release/examples/autobahn");
    let mut faults = 0;
    for mode in [Mode::Plain, Mode::Deflate] {
        let patterns = choice.cases.patterns(mode);
        for &role in choice.roles.iter().filter(|_| !patterns.is_empty()) {
            let limit = choice.cases.limit();
            let trial = Trial { role, mode, python: &python, testee: &testee, limit };
            let start = now();
            let results = trial.run(&patterns, &directory)?;
            println!("{trial} in {}: {results}", seconds(start.elapsed()));
            faults += results.faults().count();
        }
    }
    match faults {
        0 => Ok(Verdict::Passed),
        _ => Err(format!("{faults} cases are not clean; see {}", directory.display())),
    }
}

/// All but permessage-deflate. There are no groups 8 and 11.
const CORE: &[&str] = &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"];

/// Permessage-deflate: each sub-group goes through eighteen lengths and fragmentations.
const DEFLATE: &[&str] = &["12.*", "13.*"];

/// Of each sub-group the shortest messages, and the first that are fragmented. The suite takes a
/// pattern with a star as the beginning of a regular expression.
const SAMPLE: &[&str] = &["12.*.1$", "12.*.11$", "13.*.1$", "13.*.11$"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deflate_is_asked_for_deflate() {
        assert_eq!(Cases::Whole.patterns(Mode::Plain), CORE);
        assert_eq!(Cases::Sample.patterns(Mode::Plain), CORE);
        assert!(Cases::Whole.patterns(Mode::Deflate).ends_with(DEFLATE));
        let named = Cases::Named(vec!["1.2.*", "12.1.1", "2.1"]);
        assert_eq!(named.patterns(Mode::Plain), ["1.2.*", "2.1"]);
    }

    #[test]
    fn options_choose_roles_and_cases() {
        let choice = Choice::parse(&["--client", "6.4.*"]).expect("valid");
        assert_eq!(choice.roles, [Role::Client]);
        assert!(matches!(choice.cases, Cases::Named(named) if named == ["6.4.*"]));
        assert_eq!(Choice::parse(&["--whole"]).expect("valid").roles.len(), 2);
        assert!(Choice::parse(&["--all"]).is_err());
        assert!(Choice::parse(&["--whole", "1.1.1"]).is_err());
    }
}
