//! A blocking socket with the two buffers of the contract. No machine lives here.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant as Clock};

use tidewire::core::{Inbox, Instant, Outbox};

pub(crate) struct Wire {
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    socket: TcpStream,
    start: Clock,
}

impl Wire {
    #[expect(clippy::disallowed_methods, reason = "a program owns its clock")]
    pub(crate) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        let start = Clock::now();
        Ok(Self { inbox: Inbox::new(), outbox: Outbox::new(), socket, start })
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_origin(self.start.elapsed())
    }

    /// Writes what waits, then waits for bytes or for `deadline`. Returns whether the connection goes
    /// on.
    pub(crate) fn turn(&mut self, deadline: Option<Instant>) -> io::Result<bool> {
        self.outbox.write_to(&mut self.socket)?;
        if self.outbox.is_ended() {
            self.leave();
            return Ok(false);
        }
        let wait = deadline.map(|at| at.saturating_duration_since(self.now()));
        self.socket.set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1))))?;
        match self.inbox.read_from(&mut self.socket) {
            // So the suite's server ends a connection once both Closes are through.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => self.inbox.end(),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        Ok(true)
    }

    /// Ends our side and drops what still comes, lest the last frame be lost with it. The peer may be
    /// gone already.
    fn leave(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        let _ = self.socket.set_read_timeout(Some(Duration::from_secs(5)));
        let mut dropped = [0; 16 * 1024];
        while self.socket.read(&mut dropped).is_ok_and(|len| len > 0) {}
    }
}
