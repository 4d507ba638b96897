//! How many connections the file handles of the process are enough for.

/// Never more connections than this unless the operator says so: each may hold memory of about 100 KiB.
const USUAL: usize = 4096;
/// File handles that are no connections and belong to none: the database, sockets to mail and blob servers, the log.
#[cfg(unix)]
const RESERVED: u64 = 64;
/// File handles that a connection may need: its socket, and a file that it reads or writes.
#[cfg(unix)]
const EACH: u64 = 2;
/// As many file handles as are asked for. Some systems say "without limit" and take no such number.
#[cfg(unix)]
const ENOUGH: u64 = 65_536;

/// Raises the limit of this process to what it may have. To be called once, at the start.
#[cfg(unix)]
pub(crate) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    if current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::debug!(%error, "the limit of file handles stays as it is");
    }
}

/// Here there is no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_limit() {}

/// How many connections there may be: as many as the operator wants, else as usual, and never more than there are file handles for.
pub(crate) fn connections(wanted: Option<usize>) -> usize {
    let possible = possible_connections();
    if let Some(wanted) = wanted.filter(|wanted| *wanted > possible) {
        tracing::warn!(
            "the limit of file handles (`ulimit -n`) is enough for {possible} connections, not for the {wanted} of `limits.connections`"
        );
    }
    wanted.unwrap_or(USUAL).min(possible)
}

#[cfg(unix)]
fn possible_connections() -> usize {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, for_handles)
}

#[cfg(not(unix))]
fn possible_connections() -> usize {
    usize::MAX
}

#[cfg(unix)]
fn for_handles(handles: u64) -> usize {
    usize::try_from(handles.saturating_sub(RESERVED) / EACH).unwrap_or(usize::MAX)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_a_handle_for_its_socket_and_one_for_a_file() {
        assert_eq!([64, 128, 1024, 65_536].map(for_handles), [0, 32, 480, 32_736]);
    }

    #[test]
    fn the_operator_may_want_fewer_connections_but_never_more_than_there_are_handles_for() {
        assert_eq!(connections(Some(3)), 3);
        assert!(connections(Some(usize::MAX)) <= possible_connections());
        assert!(connections(None) <= USUAL);
    }
}
