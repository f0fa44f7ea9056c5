//! Bugs that the simulation must find: each is one piece of text, which stands once in its file, and what
//! it is replaced by. How they are planted is told elsewhere.

mod hub;
mod poll;
mod server;
mod tidewire;
mod wires;

/// A bug that is planted in a copy of the sources.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    /// Below the top of the repository.
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) replacement: &'static str,
}

const fn bug(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    replacement: &'static str,
) -> Bug {
    Bug { name, file, text, replacement }
}

/// All of them, from the top of the house to its bottom: each bug that is planted or taken out again has
/// all above it built anew.
pub(crate) fn all() -> impl Iterator<Item = &'static Bug> {
    [server::BUGS, tidewire::BUGS, poll::BUGS, hub::BUGS, wires::BUGS].into_iter().flatten()
}
