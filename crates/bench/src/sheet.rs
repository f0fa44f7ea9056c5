//! A table with a row for each way to do something and a column for each size of the crowd, and
//! whether our targets hold. What is measured is the suites' business.

use std::time::Duration;

/// A table that is filled round by round.
pub(crate) struct Sheet {
    title: String,
    /// How many there are at one time, for each column.
    sizes: Vec<usize>,
    rows: Vec<Row>,
    note: &'static str,
}

/// One way to do it.
struct Row {
    name: String,
    rank: Rank,
    /// The nanoseconds that each round took for one operation, by column.
    rounds: Vec<Vec<f64>>,
    remark: String,
}

/// What a row is there for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rank {
    /// It is ours, and takes at most so many nanoseconds at the largest size.
    Within(f64),
    /// It is ours, and is faster than each that does as much.
    Fastest,
    /// It is ours, and takes at most so many times as long as the row before it.
    AsBefore(f64),
    /// It is ours, for information.
    Aside,
    /// It is another's that does as much.
    Peer,
}

impl Sheet {
    pub(crate) fn new(title: impl Into<String>, sizes: &[usize], note: &'static str) -> Self {
        Self { title: title.into(), sizes: sizes.into(), rows: Vec::new(), note }
    }

    /// Adds what one round took of a row for so many operations.
    pub(crate) fn add(
        &mut self,
        name: &str,
        rank: Rank,
        size: usize,
        took: Duration,
        count: usize,
    ) {
        let row = self.row(name, rank);
        let column = self.sizes.iter().position(|&other| other == size);
        let column = column.expect("a round is of one of the sizes");
        self.rows[row].rounds[column].push(took.as_nanos() as f64 / count as f64);
    }

    /// Says more about a row.
    pub(crate) fn remark(&mut self, name: &str, remark: String) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == name) {
            row.remark = remark;
        }
    }

    /// Prints the medians and, of the last column, the fastest round and what the row is beside the first
    /// [`Rank::Fastest`]. Returns whether all targets hold.
    pub(crate) fn print(&self) -> bool {
        if self.rows.is_empty() {
            return true;
        }
        print!("{:<40}", self.title);
        self.sizes.iter().for_each(|&size| print!(" {:>9}", grouped(size)));
        println!(" {:>9} {:>7} {:>7}", "fastest", "/ ours", "target");
        let ours = self.rows.iter().find(|row| row.rank == Rank::Fastest).map(Row::last);
        for (at, row) in self.rows.iter().enumerate() {
            let mark = if row.rank == Rank::Peer { ' ' } else { '>' };
            print!("{mark} {:<38}", row.name);
            row.rounds.iter().for_each(|rounds| print!(" {:>9.1}", median(rounds)));
            let beside =
                ours.map_or_else(|| "-".to_owned(), |ours| format!("{:.2}", row.last() / ours));
            let target = match row.rank {
                Rank::Within(nanos) => format!("{nanos:.0}"),
                Rank::Fastest => "first".to_owned(),
                Rank::AsBefore(times) => format!("{times:.2}x"),
                Rank::Aside | Rank::Peer => String::new(),
            };
            let verdict = match self.holds(at) {
                None => "",
                Some(true) => "ok",
                Some(false) => "SHORT",
            };
            let fastest = fastest(row.rounds.last().map_or(&[], Vec::as_slice));
            println!(" {fastest:>9.1} {beside:>7} {target:>7} {verdict:<5} {}", row.remark);
        }
        println!("  {}\n", self.note);
        (0..self.rows.len()).all(|row| self.holds(row) != Some(false))
    }

    /// Whether a row keeps its target in every column, if it has one.
    fn holds(&self, at: usize) -> Option<bool> {
        let row = &self.rows[at];
        let is_kept = |column: usize, rounds: &Vec<f64>| {
            let median_of = |row: &Row| median(&row.rounds[column]);
            match row.rank {
                Rank::Within(nanos) => row.last() <= nanos,
                Rank::Fastest => {
                    let peers = self.rows.iter().filter(|row| row.rank == Rank::Peer);
                    peers.map(median_of).all(|peer| median(rounds) < peer)
                }
                Rank::AsBefore(times) => median(rounds) <= times * median_of(&self.rows[at - 1]),
                Rank::Aside | Rank::Peer => true,
            }
        };
        let has_target = !matches!(row.rank, Rank::Aside | Rank::Peer);
        has_target.then(|| row.rounds.iter().enumerate().all(|(column, it)| is_kept(column, it)))
    }

    fn row(&mut self, name: &str, rank: Rank) -> usize {
        self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            let rounds = vec![Vec::new(); self.sizes.len()];
            self.rows.push(Row { name: name.to_owned(), rank, rounds, remark: String::new() });
            self.rows.len() - 1
        })
    }
}

impl Row {
    /// The median at the largest size.
    fn last(&self) -> f64 {
        self.rounds.last().map_or(f64::NAN, |rounds| median(rounds))
    }
}

fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn fastest(rounds: &[f64]) -> f64 {
    rounds.iter().copied().min_by(f64::total_cmp).unwrap_or(f64::NAN)
}

/// A number in groups of three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[(&str, Rank, u64)]) -> Sheet {
        let mut sheet = Sheet::new("title", &[1, 2], "note");
        for &(name, rank, nanos) in rows {
            sheet.add(name, rank, 1, Duration::from_nanos(1), 1);
            sheet.add(name, rank, 2, Duration::from_nanos(10 * nanos), 10);
        }
        sheet
    }

    #[test]
    fn a_target_holds_at_its_bound_and_not_one_past_it() {
        for (rank, most) in [(Rank::Within(5.0), 5), (Rank::AsBefore(1.5), 15), (Rank::Aside, 99)] {
            let rows = |nanos| sheet(&[("before", Rank::Aside, 10), ("ours", rank, nanos)]);
            assert_ne!(rows(most).holds(1), Some(false));
            assert_eq!(rows(most + 1).holds(1), (rank != Rank::Aside).then_some(false));
        }
    }

    #[test]
    fn the_first_is_before_every_peer_at_every_size() {
        let mut sheet = sheet(&[("ours", Rank::Fastest, 5), ("peer", Rank::Peer, 6)]);
        assert_eq!(sheet.holds(0), Some(false), "they are alike at the first size");
        sheet.rows[1].rounds[0] = vec![2.0, 0.1, 3.0];
        assert_eq!((sheet.holds(0), sheet.holds(1)), (Some(true), None));
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([7, 1_000, 1_000_000].map(grouped), ["7", "1,000", "1,000,000"]);
    }
}
