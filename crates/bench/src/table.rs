//! The table of a case: what was measured, what it is beside others, and whether our targets hold.

use crate::contest::{Absence, Case, Contest, Rank};
use crate::harness::{Effort, Figures, measure};

/// All figures of one case.
pub(crate) struct Table<C: Contest> {
    pub(crate) case: C::Case,
    pub(crate) rows: Vec<Row>,
    /// Who was left out, and why.
    absent: Vec<String>,
}

/// A contestant's figures in one case, for each unit.
pub(crate) struct Row {
    name: &'static str,
    pub(crate) rank: Rank,
    pub(crate) figures: Figures,
    calls: Option<f64>,
}

impl<C: Contest> Table<C> {
    /// Measures everybody who does what the case asks for.
    pub(crate) fn measured(case: C::Case, effort: Effort) -> Self {
        let stage = C::stage(case);
        let (mut present, mut cases, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for contestant in C::CONTESTANTS {
            match C::start(contestant, case, &stage) {
                Ok(mut work) => {
                    present.push((contestant, work.calls.take()));
                    cases.push(work.into_case(contestant.name));
                }
                Err(Absence::Elsewhere) => {}
                Err(Absence::Wrong(deed)) => absent.push(format!("{} {deed}", contestant.name)),
            }
        }
        let units = case.units() as f64;
        let rows = measure(&mut cases, effort).into_iter().zip(present).map(|(figures, of)| Row {
            name: of.0.name,
            rank: of.0.rank,
            figures: Figures {
                median: figures.median / units,
                fastest: figures.fastest / units,
                allocations: figures.allocations / units,
            },
            calls: of.1.map(|calls| calls()),
        });
        Self { case, rows: rows.collect(), absent }
    }

    pub(crate) fn print(&self) {
        println!(
            "{:<28} {:>11} {:>11} {:>8} {:>8} {:>8} {:>8}",
            self.case.to_string(),
            "median ns",
            "fastest ns",
            format!("/ {}", C::WHOLE),
            "/ floor",
            "allocs",
            self.case.calls()
        );
        let (whole, floor) = (self.fastest_row(Rank::Whole), self.fastest_row(Rank::Floor));
        for Row { name, rank, figures, calls } in &self.rows {
            let Figures { median, fastest, allocations } = *figures;
            let mark = match rank {
                Rank::Ours => '>',
                Rank::Aside => '+',
                Rank::Whole => ' ',
                Rank::Part => '-',
                Rank::Unchecked => '~',
                Rank::Floor => '_',
            };
            let calls = calls.map_or_else(String::new, |calls| format!("{calls:.4}"));
            println!(
                "{mark} {name:<26} {median:>11.1} {fastest:>11.1} {:>8} {:>8} {allocations:>8.2} \
                 {calls:>8}",
                ratio(median, whole),
                ratio(median, floor),
            );
        }
        self.absent.iter().for_each(|absent| println!("  left out: {absent}"));
        println!("  {}\n", self.verdict());
    }

    /// One line that says what ours keeps and misses of the targets.
    pub(crate) fn verdict(&self) -> String {
        let missed = self.missed();
        if missed.is_empty() { "targets hold".to_owned() } else { missed.join("; ") }
    }

    /// The targets that ours misses, each in a few words.
    pub(crate) fn missed(&self) -> Vec<String> {
        let Some(ours) = self.rows.iter().find(|row| row.rank == Rank::Ours) else {
            return Vec::new();
        };
        let targets = self.case.targets();
        let of = |row: &Row| ours.figures.median / row.figures.median;
        let mut missed = Vec::new();
        if let Some(whole) = self.fastest_row(Rank::Whole)
            && of(whole) > targets.whole
        {
            missed.push(format!("{:.2} of {}, not {:.2}", of(whole), whole.name, targets.whole));
        }
        if let Some(part) = self.fastest_part()
            && of(part) > 1.0
        {
            missed.push(format!("{:.2} of {}", of(part), part.name));
        }
        if let Some(floor) = self.fastest_row(Rank::Floor)
            && of(floor) > targets.floor
        {
            missed.push(format!("{:.2} of the floor", of(floor)));
        }
        if ours.figures.allocations > targets.allocations {
            missed.push(format!("{:.3} allocations", ours.figures.allocations));
        }
        missed
    }

    pub(crate) fn fastest_row(&self, rank: Rank) -> Option<&Row> {
        self.fastest_of(|row| row.rank == rank)
    }

    /// The fastest of those that do less and yet all that the case asks for.
    pub(crate) fn fastest_part(&self) -> Option<&Row> {
        let unchecked = self.case.targets().unchecked;
        self.fastest_of(|row| match row.rank {
            Rank::Part => true,
            Rank::Unchecked => unchecked,
            Rank::Ours | Rank::Aside | Rank::Whole | Rank::Floor => false,
        })
    }

    fn fastest_of(&self, is_wanted: impl Fn(&Row) -> bool) -> Option<&Row> {
        let wanted = self.rows.iter().filter(|row| is_wanted(row));
        wanted.min_by(|one, other| one.figures.median.total_cmp(&other.figures.median))
    }
}

pub(crate) fn ratio(median: f64, base: Option<&Row>) -> String {
    base.map_or_else(|| "-".to_owned(), |base| format!("{:.2}", median / base.figures.median))
}
