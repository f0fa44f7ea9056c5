//! Reads the ledgers, which say statement by statement what is kept and which test holds it, and
//! finds what is wrong with them. Where the ledgers are, their test knows.
//!
//! A ledger is a Markdown file that says at its head how many statements it has, as in
//! `**Statements: 12**`, and lists them in tables with the columns `id`, `status` and `held by`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The statements of one file, in their order.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: Vec<Row>,
    /// How many statements the head of the file claims.
    claimed: Option<usize>,
}

#[derive(Debug)]
struct Row {
    id: String,
    /// What the second column says.
    statement: String,
    status: String,
    /// What stands in the last column between backquotes.
    held_by: Vec<String>,
}

/// What a row says of its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The tests that the row names hold it.
    Kept,
    /// Whoever embeds the machine keeps it.
    Callers,
    /// It binds somebody who is not here.
    NotApplicable,
    /// We do otherwise.
    NotKept,
}

impl Ledger {
    /// Reads the tables of a Markdown text.
    #[must_use]
    pub fn read(markdown: &str) -> Self {
        let mut ledger = Self::default();
        let mut columns = None;
        for line in markdown.lines() {
            if let Some(claim) = line.strip_prefix("**Statements: ") {
                ledger.claimed = claim.strip_suffix("**").and_then(|count| count.parse().ok());
            }
            let Some(cells) = cells(line) else {
                columns = None;
                continue;
            };
            match &columns {
                None => columns = Some(Columns::of(&cells)),
                Some(_) if cells[0].starts_with("---") => {}
                Some(columns) => ledger.rows.push(columns.row(&cells)),
            }
        }
        ledger
    }

    /// How many statements have each status.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for status in self.rows.iter().filter_map(|row| Status::read(&row.status)) {
            *counts.entry(status).or_default() += 1;
        }
        counts
    }

    /// Each statement that has one of the words, or all if there are none: below it what holds it, or the
    /// reason why nothing does. And how many there are.
    #[must_use]
    pub fn list(&self, words: &[String]) -> (String, usize) {
        let (mut list, mut count) = (String::new(), 0);
        for Row { id, statement, status, held_by } in self.rows.iter().filter(|row| row.has(words))
        {
            count += 1;
            list += &format!("{id:4} {statement}\n");
            for held in held_by {
                list += &format!("       {held}\n");
            }
            if held_by.is_empty() {
                list += &format!("       {status}\n");
            }
        }
        (list, count)
    }

    /// Everything that is wrong, one line each; tests and steps are looked up below `root`.
    #[must_use]
    pub fn faults(&self, root: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let count = self.rows.len();
        match self.claimed {
            None => faults.push("the head does not say how many statements there are".into()),
            Some(claimed) if claimed != count => {
                faults.push(format!("there are {count} statements and not {claimed}"));
            }
            Some(_) => {}
        }
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            if !seen.insert(&row.id) {
                faults.push(format!("{}: the id stands there twice", row.id));
            }
            faults.extend(row.faults(root).into_iter().map(|fault| format!("{}: {fault}", row.id)));
        }
        faults
    }
}

impl Row {
    fn has(&self, words: &[String]) -> bool {
        let text = format!("{} {} {}", self.id, self.statement, self.held_by.join(" "));
        let text = text.to_lowercase();
        words.is_empty() || words.iter().any(|word| text.contains(&word.to_lowercase()))
    }

    fn faults(&self, root: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let held: Vec<Held> = self.held_by.iter().map(|name| look_up(name, root)).collect();
        for (name, held) in self.held_by.iter().zip(&held) {
            if *held == Held::Nowhere {
                faults.push(format!("`{name}` leads to no test"));
            }
        }
        let has_reason = self.status.split_once(": ").is_some_and(|(_, reason)| !reason.is_empty());
        match Status::read(&self.status) {
            None => faults.push(format!("{:?} is no status", self.status)),
            Some(Status::Kept) if !held.contains(&Held::Always) => {
                faults.push("kept, but no test that runs holds it".into());
            }
            Some(Status::Callers | Status::NotApplicable | Status::NotKept) if !has_reason => {
                faults.push("the reason is missing".into());
            }
            Some(_) => {}
        }
        faults
    }
}

impl Status {
    const ALL: [Self; 4] = [Self::Kept, Self::Callers, Self::NotApplicable, Self::NotKept];

    fn read(cell: &str) -> Option<Self> {
        let word = cell.split_once(':').map_or(cell, |(word, _)| word);
        Self::ALL.into_iter().find(|status| status.to_string() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Callers => "caller's",
            Self::NotApplicable => "not applicable",
            Self::NotKept => "not kept",
        })
    }
}

/// Where a table has what we read.
struct Columns {
    id: usize,
    status: usize,
    held_by: usize,
}

impl Columns {
    fn of(header: &[&str]) -> Self {
        let at = |name| header.iter().position(|cell| *cell == name).unwrap_or(usize::MAX);
        Self { id: at("id"), status: at("status"), held_by: at("held by") }
    }

    fn row(&self, cells: &[&str]) -> Row {
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let held_by = cell(self.held_by).split('`').skip(1).step_by(2);
        Row {
            id: cell(self.id).into(),
            statement: cell(1).into(),
            status: cell(self.status).into(),
            held_by: held_by.map(Into::into).collect(),
        }
    }
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Nowhere,
    /// By a test that is ignored unless it is asked for.
    WhenAsked,
    Always,
}

/// Finds `cargo xtask STEP` or `CRATE FILE::TEST`.
fn look_up(name: &str, root: &Path) -> Held {
    if let Some(step) = name.strip_prefix("cargo xtask ") {
        let steps = fs::read_to_string(root.join("crates/xtask/src/steps.rs")).unwrap_or_default();
        let is_there = steps.contains(&format!("step(\"{step}\","));
        return if is_there { Held::Always } else { Held::Nowhere };
    }
    let found = name.split_once(' ').and_then(|(of, path)| {
        let (file, test) = path.rsplit_once("::")?;
        let source = fs::read_to_string(directory(of, root).join(file)).ok()?;
        Some(find(&source, test))
    });
    found.unwrap_or(Held::Nowhere)
}

fn directory(of: &str, root: &Path) -> PathBuf {
    if of == "tests" { root.join("tests") } else { root.join("crates").join(of) }
}

/// Looks for a function of this name with a test attribute right above it.
fn find(source: &str, test: &str) -> Held {
    let (mut is_test, mut is_ignored) = (false, false);
    for line in source.lines().map(str::trim) {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        match (function, line) {
            (Some(function), _) => {
                let is_named =
                    function.strip_prefix(test).is_some_and(|rest| rest.starts_with('('));
                match (is_named && is_test, is_ignored) {
                    (true, false) => return Held::Always,
                    (true, true) => return Held::WhenAsked,
                    (false, _) => (is_test, is_ignored) = (false, false),
                }
            }
            (None, "#[test]") => is_test = true,
            (None, line) => {
                is_test |= line.starts_with("#[tokio::test");
                is_ignored |= line.starts_with("#[ignore");
            }
        }
    }
    Held::Nowhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn faults(claimed: usize, rows: &str) -> Vec<String> {
        let head = "| id | rule | status | held by |\n|---|---|---|---|";
        Ledger::read(&format!("**Statements: {claimed}**\n\n{head}\n{rows}\n")).faults(&root())
    }

    const HERE: &str = "tests src/ledger.rs";

    #[test]
    fn a_sound_ledger_has_no_fault() {
        let rows = format!(
            "| 1-a | x | kept | `{HERE}::a_sound_ledger_has_no_fault` |\n\
             | 1-b | x | kept | `cargo xtask no-std` |\n\
             | 1-c | x | caller's: owns the socket | |\n\
             | 1-d | x | not applicable: no proxy | |\n\
             | 1-e | x | not kept: we know better | |"
        );
        assert_eq!(faults(5, &rows), [""; 0]);
    }

    #[test]
    fn each_fault_is_found() {
        for (rows, fault) in [
            ("", "there are 0 statements and not 1"),
            ("| 1-a | x | | |", "1-a: \"\" is no status"),
            ("| 1-a | x | pending | |", "1-a: \"pending\" is no status"),
            ("| 1-a | x | kept | |", "1-a: kept, but no test that runs holds it"),
            ("| 1-a | x | caller's | |", "1-a: the reason is missing"),
            ("| 1-a | x | not kept: | |", "1-a: the reason is missing"),
            (
                "| 1-a | x | caller's: y | `ws src/lib.rs::no` |",
                "1-a: `ws src/lib.rs::no` leads to no test",
            ),
            (
                "| 1-a | x | caller's: y | `cargo xtask no` |",
                "1-a: `cargo xtask no` leads to no test",
            ),
        ] {
            assert_eq!(faults(1, rows), [fault], "{rows}");
        }
        let twice = "| 1-a | x | caller's: y | |\n| 1-a | x | caller's: z | |";
        assert_eq!(faults(2, twice), ["1-a: the id stands there twice"]);
        assert_eq!(faults(1, twice).len(), 2);
        let without_claim = Ledger::read("| id | status | held by |\n|---|---|---|\n");
        assert_eq!(without_claim.faults(&root()).len(), 1);
    }

    #[test]
    fn a_function_is_a_test_only_under_its_attribute() {
        let source = "
            fn helper() {}
            #[test]
            fn plain() {}
            fn other() {}
            #[test]
            #[ignore = \"long\"]
            fn long() {}
            /// A law.
            #[test]
            fn law(
            #[tokio::test(flavor = \"current_thread\")]
            async fn driven() {}
        ";
        for (name, held) in [
            ("plain", Held::Always),
            ("law", Held::Always),
            ("driven", Held::Always),
            ("long", Held::WhenAsked),
            ("helper", Held::Nowhere),
            ("other", Held::Nowhere),
            ("plai", Held::Nowhere),
        ] {
            assert_eq!(find(source, name), held, "{name}");
        }
    }
}
