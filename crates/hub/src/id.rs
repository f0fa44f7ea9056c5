//! The names that a hub gives out. What they name, `topics` and `subscriber` say.

use tidewire_core::Key;

/// Names a topic of one hub as long as it is in use. A name that outlived that names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub(crate) Key);

/// Names a subscriber of one hub. A name that outlived its subscriber names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriberId(pub(crate) Key);
