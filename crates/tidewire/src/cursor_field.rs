//! The one response field of our own.

use tidewire_http::FieldName;

/// The field in which the response that opens a stream tells the cursor that the stream begins
/// behind.
pub const CURSOR_FIELD: FieldName = FieldName::from_static("Tidewire-Cursor");
