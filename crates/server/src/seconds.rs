//! Seconds as peers write them. What they are for, the documents and queries say.

use std::time::Duration;

/// So many seconds, 0 or more, or the longest time there is if they do not fit. `None` if the number is
/// negative or not finite.
pub(crate) fn seconds(number: f64) -> Option<Duration> {
    let is_long = number.is_finite() && number > 0.0;
    Duration::try_from_secs_f64(number).ok().or(is_long.then_some(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_seconds_than_fit_are_a_long_time_and_no_number_is_none() {
        assert_eq!(seconds(0.5), Some(Duration::from_millis(500)));
        assert_eq!([seconds(1e20), seconds(f64::MAX)], [Some(Duration::MAX); 2]);
        assert_eq!([-1.0, -1e20, f64::NAN, f64::INFINITY].map(seconds), [None; 4]);
    }
}
