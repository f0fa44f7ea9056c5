//! The tables: what was measured, what it is beside others, and whether our targets hold.

use super::case::{Case, Way};
use super::contest::Rank;

/// A contestant's figures in one case, for each message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) rank: Rank,
    pub(crate) median: f64,
    pub(crate) fastest: f64,
    pub(crate) allocations: f64,
    pub(crate) calls: f64,
}

/// All figures of one case.
pub(crate) struct Table {
    pub(crate) case: Case,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    pub(crate) fn print(&self) {
        let calls = match self.case.way {
            Way::Receive => "reads",
            Way::Send => "writes",
        };
        println!(
            "{:<28} {:>11} {:>11} {:>8} {:>8} {:>8} {:>8}",
            self.case.to_string(),
            "median ns",
            "fastest ns",
            "/ whole",
            "/ floor",
            "allocs",
            calls
        );
        let (whole, floor) = (self.fastest_row(Rank::Whole), self.fastest_row(Rank::Floor));
        for row in &self.rows {
            let Row { name, rank, median, fastest, allocations, calls } = *row;
            let mark = match rank {
                Rank::Ours => '>',
                Rank::Whole => ' ',
                Rank::Part => '-',
                Rank::Unchecked => '~',
                Rank::Floor => '_',
            };
            println!(
                "{mark} {name:<26} {median:>11.1} {fastest:>11.1} {:>8} {:>8} {allocations:>8.2} \
                 {calls:>8.4}",
                ratio(median, whole),
                ratio(median, floor),
            );
        }
        println!("  {}\n", self.verdict());
    }

    /// One line that says what ours keeps and misses of the targets.
    pub(crate) fn verdict(&self) -> String {
        let missed = self.missed();
        if missed.is_empty() { "targets hold".to_owned() } else { missed.join("; ") }
    }

    /// The targets that ours misses, each in a few words.
    fn missed(&self) -> Vec<String> {
        let Some(ours) = self.rows.iter().find(|row| row.rank == Rank::Ours) else {
            return Vec::new();
        };
        let mut missed = Vec::new();
        let target = self.case.target();
        if let Some(whole) = self.fastest_row(Rank::Whole)
            && ours.median > target * whole.median
        {
            let ratio = ours.median / whole.median;
            missed.push(format!("{ratio:.2} of {}, not {target}", whole.name));
        }
        if let Some(part) = self.fastest_part()
            && ours.median > part.median
        {
            missed.push(format!("{:.2} of {}", ours.median / part.median, part.name));
        }
        if let Some(floor) = self.fastest_row(Rank::Floor)
            && ours.median > FLOOR_TARGET * floor.median
        {
            missed.push(format!("{:.2} of the floor", ours.median / floor.median));
        }
        missed
    }

    fn fastest_row(&self, rank: Rank) -> Option<&Row> {
        self.fastest_of(|row| row.rank == rank)
    }

    /// The fastest of those that do less and yet all that the case asks for.
    fn fastest_part(&self) -> Option<&Row> {
        let is_unjudged = self.case.way == Way::Receive && self.case.kind.is_text();
        self.fastest_of(|row| match row.rank {
            Rank::Part => true,
            Rank::Unchecked => !is_unjudged,
            Rank::Ours | Rank::Whole | Rank::Floor => false,
        })
    }

    fn fastest_of(&self, is_wanted: impl Fn(&Row) -> bool) -> Option<&Row> {
        let wanted = self.rows.iter().filter(|row| is_wanted(row));
        wanted.min_by(|one, other| one.median.total_cmp(&other.median))
    }
}

/// Prints ours beside the fastest of each rank, a line for each case, and how many keep the targets.
pub(crate) fn print_summary(tables: &[Table]) {
    println!(
        "{:<28} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8}  verdict",
        "median ns a message", "ours", "whole", "part", "floor", "/ whole", "/ floor"
    );
    for table in tables {
        let ours = table.fastest_row(Rank::Ours);
        let (whole, floor) = (table.fastest_row(Rank::Whole), table.fastest_row(Rank::Floor));
        print!("{:<28}", table.case.to_string());
        for row in [ours, whole, table.fastest_part(), floor] {
            match row {
                Some(row) => print!(" {:>10.1}", row.median),
                None => print!(" {:>10}", "-"),
            }
        }
        let ours = ours.map_or(f64::NAN, |row| row.median);
        println!(" {:>8} {:>8}  {}", ratio(ours, whole), ratio(ours, floor), table.verdict());
    }
    let kept = tables.iter().filter(|table| table.missed().is_empty()).count();
    println!("\nthe targets hold in {kept} of {} cases", tables.len());
}

fn ratio(median: f64, base: Option<&Row>) -> String {
    base.map_or_else(|| "-".to_owned(), |base| format!("{:.2}", median / base.median))
}

/// The most that ours may take of the time of the floor.
const FLOOR_TARGET: f64 = 1.5;
