//! What stands in for `wide` where nothing can be chosen at run time.

pub(super) const fn apply(_: &mut [u8], _: [u8; 4]) -> Option<bool> {
    None
}

pub(super) const fn copy(_: &mut [u8], _: &[u8], _: [u8; 4]) -> Option<()> {
    None
}
