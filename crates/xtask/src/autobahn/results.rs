//! What the suite's report says, and what of it is not clean. Nothing is run here.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// What came of each case, in their order.
pub(crate) struct Results(Vec<Case>);

pub(crate) struct Case {
    /// Its number, such as `6.4.3`.
    id: String,
    behaviour: String,
    closing: String,
}

impl Results {
    /// Reads the report in `directory`.
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let path = directory.join("index.json");
        let told = |why: &dyn fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| told(&error))?;
        let json: Value = serde_json::from_str(&text).map_err(|error| told(&error))?;
        Ok(Self::parse(&json))
    }

    /// A report lists the cases of each agent, and there is but one.
    fn parse(json: &Value) -> Self {
        let cases = json.as_object().into_iter().flat_map(|agents| agents.values());
        let cases = cases.filter_map(Value::as_object).flatten();
        let mut cases: Vec<Case> = cases.map(|(id, case)| Case::parse(id, case)).collect();
        cases.sort_by_key(|case| numbers(&case.id));
        Self(cases)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The cases in which we did not do what is right, or did not close as is right.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Case> {
        self.0.iter().filter(|case| !is_clean(&case.behaviour) || !is_clean(&case.closing))
    }
}

impl Case {
    fn parse(id: &str, json: &Value) -> Self {
        let text = |key: &str| json[key].as_str().unwrap_or("missing").to_owned();
        Self { id: id.to_owned(), behaviour: text("behavior"), closing: text("behaviorClose") }
    }
}

impl fmt::Display for Results {
    /// The sums in one line, then a line for each fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behaviour = tally(self.0.iter().map(|case| &*case.behaviour));
        let closing = tally(self.0.iter().map(|case| &*case.closing));
        write!(f, "{} cases: {behaviour}; closing: {closing}", self.len())?;
        self.faults().try_for_each(|Case { id, behaviour, closing }| {
            write!(f, "\n    {id}: {behaviour}; closing: {closing}")
        })
    }
}

/// Whether a verdict is as good as any. The suite calls informational what the RFC leaves open.
fn is_clean(verdict: &str) -> bool {
    matches!(verdict, "OK" | "INFORMATIONAL")
}

/// How often there is each verdict, the most frequent first.
fn tally<'a>(verdicts: impl Iterator<Item = &'a str>) -> String {
    let mut counts = BTreeMap::new();
    verdicts.for_each(|verdict| *counts.entry(verdict).or_insert(0) += 1);
    let mut counts: Vec<(&str, u32)> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let counts = counts.iter().map(|(verdict, count)| format!("{count} {verdict}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// What orders `9.10` behind `9.9`.
fn numbers(id: &str) -> Vec<u32> {
    id.split('.').filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(behaviour: &str, closing: &str) -> Value {
        json!({ "behavior": behaviour, "behaviorClose": closing, "duration": 1 })
    }

    #[test]
    fn each_fault_is_listed_below_the_sums() {
        let results = Results::parse(&json!({ "tidewire": {
            "9.10": case("OK", "UNCLEAN"),
            "9.9": case("NON-STRICT", "OK"),
            "7.1.6": case("INFORMATIONAL", "INFORMATIONAL"),
            "1.1.1": case("OK", "OK"),
        }}));
        let told = "4 cases: 2 OK, 1 INFORMATIONAL, 1 NON-STRICT; closing: 2 OK, 1 INFORMATIONAL, \
                    1 UNCLEAN\n    9.9: NON-STRICT; closing: OK\n    9.10: OK; closing: UNCLEAN";
        assert_eq!(results.to_string(), told);
        assert_eq!(results.faults().count(), 2);
    }

    #[test]
    fn what_is_not_implemented_or_not_told_is_a_fault() {
        for (behaviour, closing) in [("UNIMPLEMENTED", "OK"), ("OK", "WRONG CODE")] {
            let results =
                Results::parse(&json!({ "tidewire": { "12.1.1": case(behaviour, closing) } }));
            assert_eq!(results.faults().count(), 1);
        }
        assert_eq!(Results::parse(&json!({ "tidewire": { "1.1.1": {} } })).faults().count(), 1);
    }
}
