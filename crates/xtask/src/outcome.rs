//! How a step may end. What the steps are is told in `steps`.

/// What came of a step, or why it failed.
pub(crate) type Outcome = Result<Verdict, String>;

/// A step that did not fail.
pub(crate) enum Verdict {
    Passed,
    /// Not run, or only in part, because a tool could not be had.
    Skipped(String),
}
