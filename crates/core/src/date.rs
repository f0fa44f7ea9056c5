//! Dates as HTTP writes them, as seconds since 1970. RFC 9110 §5.6.7.

/// Reads a date in any of the three forms a recipient has to take. The present, in the same seconds,
/// tells the century of a year of two digits.
pub(crate) fn seconds_since_1970(text: &str, now: Option<u64>) -> Option<u64> {
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
    let day = number(day, 1..=31)?;
    let (hours, rest) = time.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let minutes = number(hours, 0..=23)? * 60 + number(minutes, 0..=59)?;
    let seconds = minutes * 60 + number(seconds, 0..=60)?;
    let in_year = |year| days(year, month, day) * 86_400 + seconds;
    let year = match year.len() {
        2 => {
            let year = number(year, 0..=99)?;
            let now = EPOCH + now.unwrap_or(END_OF_2019);
            let centuries = (1_900..=9_900).rev().step_by(100);
            // Not more than 50 years ahead, or else in the past.
            centuries.map(|century| century + year).find(|year| in_year(year - 50) <= now)?
        }
        4 => number(year, 1_970..=9_999)?,
        _ => return None,
    };
    in_year(year).checked_sub(EPOCH)
}

fn number(text: &str, range: core::ops::RangeInclusive<u64>) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && range.contains(number))
}

/// Days in the Gregorian calendar. The year starts in March here, so that a leap day comes last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days_of_months = (153 * month + 2) / 5;
    year * 365 + leap_days + days_of_months + day - 1
}

/// The seconds from March of the year 0 to 1970.
const EPOCH: u64 = 719_468 * 86_400;

/// Stands for a present that is not known, so that years of two digits are those from 1970 to 2069.
const END_OF_2019: u64 = 1_577_836_799;

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
        assert_eq!(forms.map(|text| seconds_since_1970(text, None)), [Some(784_111_777); 3]);
    }

    #[test]
    fn a_year_of_two_digits_is_not_more_than_50_years_ahead() {
        let read = |text: &str, now: &str| {
            let now = seconds_since_1970(now, None);
            assert!(now.is_some());
            seconds_since_1970(text, now)
        };
        let same = |text: &str, now: &str, full: &str| {
            assert_eq!(read(text, now), seconds_since_1970(full, None), "{text} at {now}");
        };
        let now = "Mon, 23 Nov 2026 07:00:00 GMT";
        same("Monday, 23-Nov-76 07:00:00 GMT", now, "Mon, 23 Nov 2076 07:00:00 GMT");
        same("Monday, 23-Nov-76 07:00:01 GMT", now, "Tue, 23 Nov 1976 07:00:01 GMT");
        same("Sunday, 01-Jan-77 00:00:00 GMT", now, "Sat, 01 Jan 1977 00:00:00 GMT");
        same("Monday, 23-Nov-26 07:00:01 GMT", now, "Mon, 23 Nov 2026 07:00:01 GMT");
        same("Friday, 31-Dec-99 23:59:59 GMT", now, "Fri, 31 Dec 1999 23:59:59 GMT");
        let new_year = "Fri, 31 Dec 2099 23:59:50 GMT";
        same("Friday, 01-Jan-00 00:00:00 GMT", new_year, "Fri, 01 Jan 2100 00:00:00 GMT");
        same("Friday, 31-Dec-99 23:59:59 GMT", new_year, "Thu, 31 Dec 2099 23:59:59 GMT");
        let leap = "Sun, 01 Mar 2026 00:00:00 GMT";
        same("Saturday, 29-Feb-76 00:00:00 GMT", leap, "Sat, 29 Feb 2076 00:00:00 GMT");
        same("Saturday, 29-Feb-76 00:00:01 GMT", leap, "Sun, 29 Feb 1976 00:00:01 GMT");
        let last = "Fri, 31 Dec 9999 23:59:59 GMT";
        same("Friday, 31-Dec-99 23:59:59 GMT", last, last);
        let early = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(read("Sunday, 06-Nov-44 08:49:38 GMT", early), None, "it was 1944");
    }

    #[test]
    fn without_a_present_two_digits_are_1970_to_2069() {
        let read = |text| seconds_since_1970(text, None).unwrap();
        assert_eq!(read("Thursday, 01-Jan-70 00:00:00 GMT"), 0);
        assert_eq!(read("Tuesday, 31-Dec-69 23:59:59 GMT"), read("Tue, 31 Dec 2069 23:59:59 GMT"));
    }

    #[test]
    fn leap_days_and_both_ends_are_counted_right() {
        let seconds = |text| seconds_since_1970(text, None).unwrap();
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
            assert_eq!(seconds_since_1970(text, None), None, "{text}");
        }
    }
}
