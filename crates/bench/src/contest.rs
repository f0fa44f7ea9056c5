//! What a contest is: contestants that are put to work in the same cases. What they have to do is
//! the suites' business, how it is timed `run`'s.

use std::fmt;

use crate::harness;

/// A suite in which several do the same work.
pub(crate) trait Contest: 'static {
    type Case: Case;
    /// What a contestant can do.
    type Skill: Sync + 'static;
    /// What all contestants of a case share.
    type Stage;

    /// Its name on the command line.
    const SUITE: &'static str;
    /// One line about it all.
    const TITLE: &'static str;
    /// What a reader of the tables has to know beyond the contestants' own notes.
    const NOTES: &'static str;
    /// What those are called that rank [`Whole`](Rank::Whole).
    const WHOLE: &'static str;
    /// What the figures are for one of.
    const UNIT: &'static str;
    const CONTESTANTS: &'static [Contestant<Self::Skill>];

    fn stage(case: Self::Case) -> Self::Stage;

    /// Puts a contestant to work once it was seen to do it right.
    fn start(
        contestant: &Contestant<Self::Skill>,
        case: Self::Case,
        stage: &Self::Stage,
    ) -> Result<Work, Absence>;
}

/// What is asked of the contestants. Its name is what it displays as.
pub(crate) trait Case: Copy + fmt::Display + Send {
    fn all() -> Vec<Self>;

    /// How many units one operation is for.
    fn units(&self) -> usize;

    fn targets(&self) -> Targets;

    /// What [`Work::calls`] counts.
    fn calls(&self) -> &'static str {
        ""
    }

    /// The cases whose name contains one of the parts; all if there are none.
    fn named(parts: &[String]) -> Vec<Self> {
        let is_named = |case: &Self| {
            let name = case.to_string();
            parts.is_empty() || parts.iter().any(|part| name.contains(part))
        };
        Self::all().into_iter().filter(is_named).collect()
    }
}

/// What ours is held to. Whatever the case, it is not behind one that does part of the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Targets {
    /// The most that it may take of the time of the fastest that does all.
    pub(crate) whole: f64,
    /// The most that it may take of the time of the floor.
    pub(crate) floor: f64,
    /// How often it may take memory for a unit.
    pub(crate) allocations: f64,
    /// Whether one that checks no UTF-8 does what the case asks for.
    pub(crate) unchecked: bool,
}

/// Somebody who takes part.
pub(crate) struct Contestant<S> {
    pub(crate) name: &'static str,
    pub(crate) rank: Rank,
    /// What a reader of its figures has to know.
    pub(crate) note: &'static str,
    pub(crate) skill: S,
}

/// How much of the work a contestant does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// It is us, and we do all of it.
    Ours,
    /// It is us in another way, for information.
    Aside,
    /// All of it.
    Whole,
    /// Less, as its note tells.
    Part,
    /// Less, and a text is taken as it comes: no rival where one is received.
    Unchecked,
    /// No more than the bytes need, to tell how fast the machine is.
    Floor,
}

/// A contestant at work on a case.
pub(crate) struct Work {
    job: Box<dyn FnMut()>,
    /// How many calls each unit has taken so far, where that is counted.
    pub(crate) calls: Option<Box<dyn Fn() -> f64>>,
}

/// Why a contestant is not at work on a case.
pub(crate) enum Absence {
    /// It cannot do such things.
    Elsewhere,
    /// It did not do what was asked, but this.
    Wrong(String),
}

impl Work {
    pub(crate) fn new(job: impl FnMut() + 'static) -> Self {
        Self { job: Box::new(job), calls: None }
    }

    /// Does the work of one operation. Has a frame of its own, by which `instructions` knows when to
    /// count.
    #[inline(never)]
    pub(crate) fn run(&mut self) {
        (self.job)();
    }

    pub(crate) fn into_case(mut self, name: &'static str) -> harness::Case {
        harness::Case::new(name, move || self.run())
    }
}
