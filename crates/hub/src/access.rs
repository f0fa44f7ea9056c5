//! Which topics someone may read. Who that is, and how it was proved, is the embedder's business.

use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};

/// A rule that says which topics its owner may read, captured when it subscribes and asked again at
/// each read, so that what is revoked later ends what runs, and holds for the backlog too.
///
/// Clones are the same rule and equal; two rules made apart are not. Make one for each credential, so
/// that all who share it can be served together. It is asked often and under the hub's lock: let it
/// look at a decision that was made, not make one.
///
/// ```
/// use tidewire_hub::Access;
///
/// let tenant = Access::new(|topic| topic.starts_with("acme/"));
/// assert!(tenant.allows("acme/orders"));
/// assert_eq!(tenant, tenant.clone());
/// ```
#[derive(Clone)]
pub struct Access(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Access {
    /// A rule that allows the topics for which `allows` returns `true`.
    #[must_use]
    pub fn new(allows: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    /// Whether the topic may be read now.
    #[must_use]
    pub fn allows(&self, topic: &str) -> bool {
        (self.0)(topic)
    }
}

impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Access {}

impl Hash for Access {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<()>().hash(state);
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}
