//! The head of a response, as far as a poller looks at it. What it makes of it is `verdict`'s business.

/// What a poller reads of a response's head.
///
/// ```
/// use tidewire_poll::ResponseHead;
///
/// let fields = [("content-type", "application/json"), ("X-Other", "…")];
/// assert_eq!(ResponseHead::new(200, fields), ResponseHead::new(200, fields[..1].iter().copied()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHead<'r> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'r [u8]>,
    pub(crate) retry_after: Option<&'r [u8]>,
    pub(crate) date: Option<&'r [u8]>,
}

impl<'r> ResponseHead<'r> {
    /// A response with this status and these fields, of which `Content-Type`, `Retry-After` and
    /// `Date` count: the first line of each.
    ///
    /// The fields are names in any case and raw values without the white space around them. Nothing
    /// is copied. The `fields().iter()` of a head of `tidewire-http` are such, and so is a reference
    /// to a `HeaderMap` of the crate `http`.
    #[must_use]
    pub fn new<N, V>(status: u16, fields: impl IntoIterator<Item = (N, &'r V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]> + ?Sized + 'r,
    {
        let mut head = Self { status, content_type: None, retry_after: None, date: None };
        for (name, value) in fields {
            let name = name.as_ref();
            let first = if name.eq_ignore_ascii_case("Content-Type") {
                &mut head.content_type
            } else if name.eq_ignore_ascii_case("Retry-After") {
                &mut head.retry_after
            } else if name.eq_ignore_ascii_case("Date") {
                &mut head.date
            } else {
                continue;
            };
            first.get_or_insert(value.as_ref());
        }
        head
    }
}
