//! Dates as HTTP writes them, as seconds since 1970. RFC 9110 §5.6.7.

/// Reads a date in any of the three forms a recipient has to take.
pub(crate) fn seconds_since_1970(text: &str) -> Option<u64> {
    let mut parts = [""; 6];
    let mut count = 0;
    for part in text.split([' ', ',', '-']).filter(|part| !part.is_empty()) {
        *parts.get_mut(count)? = part;
        count += 1;
    }
    // The second form is that of asctime().
    let ([_, day, month, year, time, "GMT"] | [_, month, day, time, year]) = parts[..count] else {
        return None;
    };
    let month = 1 + MONTHS.iter().position(|&name| name == month)? as u64;
    let (year, day) = (full_year(year)?, number(day, 1..=31)?);
    let (hours, rest) = time.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let minutes = number(hours, 0..=23)? * 60 + number(minutes, 0..=59)?;
    Some((days_since_1970(year, month, day) * 1_440 + minutes) * 60 + number(seconds, 0..=60)?)
}

/// Two digits, as RFC 850 had them, count from 1970 to 2069.
fn full_year(text: &str) -> Option<u64> {
    match text.len() {
        2 => number(text, 0..=99).map(|year| if year < 70 { 2_000 + year } else { 1_900 + year }),
        4 => number(text, 1_970..=9_999),
        _ => None,
    }
}

fn number(text: &str, range: core::ops::RangeInclusive<u64>) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && range.contains(number))
}

/// Days in the Gregorian calendar. The year starts in March here, so that a leap day comes last.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days_of_months = (153 * month + 2) / 5;
    year * 365 + leap_days + days_of_months + day - 1 - DAYS_FROM_MARCH_0_TO_1970
}

const DAYS_FROM_MARCH_0_TO_1970: u64 = 719_468;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_read() {
        let forms = [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ];
        assert_eq!(forms.map(seconds_since_1970), [Some(784_111_777); 3]);
    }

    #[test]
    fn leap_days_and_both_ends_are_counted_right() {
        let seconds = |text| seconds_since_1970(text).unwrap();
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
        assert_eq!(seconds("Tue, 29 Feb 2000 12:00:00 GMT"), 951_825_600);
        assert_eq!(seconds("Wed, 01 Mar 2000 00:00:00 GMT"), 951_868_800);
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), 253_402_300_799);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let refused = [
            "",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT GMT",
        ];
        for text in refused {
            assert_eq!(seconds_since_1970(text), None, "{text}");
        }
    }
}
