//! The steps of `cargo xtask test`, in order. How they are run and told is `report`'s business.

use crate::outcome::Outcome;
use crate::{autobahn, browser, deny, house, no_std, rust, sim};

/// One step, which can also be run alone by its name.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn() -> Outcome,
}

pub(crate) const STEPS: &[Step] = &[
    step("fmt", "the code is formatted", rust::fmt),
    step("clippy", "no lint complains, with all features and with none", rust::clippy),
    step("tests", "all tests, the documentation's examples and the fuzz corpus", rust::tests),
    step("no-std", "protocol crates build where there is no std", no_std::no_std),
    step("house", "imports run downward and protocol crates are pure", house::house),
    step("sim", "a server and its clients, with all that can go wrong, lose nothing", sim::sim),
    step("vectors", "the byte-exact cases, with their counts", rust::vectors),
    step("browser", "Chromium and other clients against the server", browser::browser),
    step("autobahn", "the conformance suite against our server and our client", autobahn::autobahn),
    step("docs", "the documentation builds without a warning", rust::docs),
    step("deny", "licences, bans and sources of what we import", deny::deny),
    step("advisories", "nothing we import has a known hole or was yanked", deny::advisories),
];

const fn step(name: &'static str, about: &'static str, run: fn() -> Outcome) -> Step {
    Step { name, about, run }
}
