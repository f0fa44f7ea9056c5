//! Received field lines, whatever version of HTTP carried them. What stands in them is not judged
//! here.

use tidewire_http::{FieldName, Fields};

/// The field lines of a received head, in order.
pub(super) trait Lines {
    /// The values of all lines of this name, compared without regard to case.
    fn values(&self, name: &FieldName) -> impl Iterator<Item = &[u8]>;

    /// Whether there is a line of this name.
    fn has(&self, name: &FieldName) -> bool {
        self.values(name).next().is_some()
    }

    /// The value of a field that must stand there once.
    fn single(&self, name: &FieldName) -> Option<&[u8]> {
        let mut values = self.values(name);
        let value = values.next();
        value.filter(|_| values.next().is_none())
    }
}

impl Lines for Fields {
    fn values(&self, name: &FieldName) -> impl Iterator<Item = &[u8]> {
        self.get_all(name.as_str())
    }
}
