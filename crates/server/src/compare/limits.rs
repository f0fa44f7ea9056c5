//! How many files the system lets a process open, and what is said where that is too few.

use std::io;

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};

use crate::Failure;

/// Says in advance if so many clients cannot be.
pub(super) fn check(clients: usize) -> Result<(), Failure> {
    let limit = limit();
    let needed = clients as u64 + BESIDES;
    if needed <= limit {
        return Ok(());
    }
    Err(format!(
        "{clients} clients need {needed} open files, and the limit is {limit}; \
         raise it with `ulimit -n {needed}`"
    )
    .into())
}

/// Tells why there is no connection to `server`.
pub(super) fn no_connection(server: &str, error: &io::Error) -> Failure {
    let limit = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE) => format!("; the limit is {}, see `ulimit -n`", limit()),
        _ => String::new(),
    };
    format!("cannot reach {server}: {error}{limit}").into()
}

fn limit() -> u64 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft)
}

/// What a process opens besides its clients' sockets, amply.
const BESIDES: u64 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_clients_are_told_the_limit() {
        assert!(check(1).is_ok());
        let told = check(usize::MAX / 2).map_err(|error| error.to_string());
        // There may be no limit.
        let limit = limit().to_string();
        assert!(told.is_ok() || told.is_err_and(|told| told.contains(&limit)));
        let error = io::Error::from_raw_os_error(Errno::EMFILE as i32);
        assert!(no_connection("a:1", &error).to_string().contains(&limit));
    }
}
