//! A line for each case of a contest. All figures of a case stand in its table.

use crate::contest::{Contest, Rank};
use crate::table::{Table, ratio};

/// Prints ours beside the fastest of each rank, a line for each case, and how many keep the targets.
pub(crate) fn print<C: Contest>(tables: &[Table<C>]) {
    println!(
        "{:<28} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8} {:>8}  verdict",
        format!("median ns a {}", C::UNIT),
        "ours",
        C::WHOLE,
        "part",
        "floor",
        format!("/ {}", C::WHOLE),
        "fastest",
        "/ floor"
    );
    for table in tables {
        let ours = table.fastest_row(Rank::Ours);
        let (whole, floor) = (table.fastest_row(Rank::Whole), table.fastest_row(Rank::Floor));
        print!("{:<28}", table.case.to_string());
        for row in [ours, whole, table.fastest_part(), floor] {
            match row {
                Some(row) => print!(" {:>10.1}", row.figures.median),
                None => print!(" {:>10}", "-"),
            }
        }
        let ours = ours.map_or(f64::NAN, |row| row.figures.median);
        println!(
            " {:>8} {:>8} {:>8}  {}",
            ratio(ours, whole),
            undisturbed(table),
            ratio(ours, floor),
            table.verdict()
        );
    }
    let kept = tables.iter().filter(|table| table.missed().is_empty()).count();
    println!("\nthe targets hold in {kept} of {} cases", tables.len());
}

/// Our fastest round beside the fastest of those who do all, which a busy machine changes least.
fn undisturbed<C: Contest>(table: &Table<C>) -> String {
    let fastest = |rank| {
        let rows = table.rows.iter().filter(move |row| row.rank == rank);
        rows.map(|row| row.figures.fastest).min_by(f64::total_cmp)
    };
    match (fastest(Rank::Ours), fastest(Rank::Whole)) {
        (Some(ours), Some(whole)) => format!("{:.2}", ours / whole),
        _ => "-".to_owned(),
    }
}
