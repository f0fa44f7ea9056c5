//! A length-prefixed echo over a blocking socket: the handler answers while it holds the event.
//!
//! Run it without arguments: it connects to itself, sends three messages and prints the echoes.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use tidewire_core::{Inbox, Instant, Outbox, Payload, Protocol};

/// Messages of one length byte and that many payload bytes.
struct Prefixed;

impl Protocol for Prefixed {
    type Event<'i> = Payload<'i>;
    type Error = std::convert::Infallible;

    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        _now: Instant,
    ) -> Result<Option<Payload<'i>>, Self::Error> {
        if inbox.is_ended() {
            outbox.end();
        }
        match inbox.as_slice() {
            [len, rest @ ..] if rest.len() >= usize::from(*len) => {
                let len = usize::from(*len);
                inbox.eat(1);
                Ok(Some(inbox.lend(len)))
            }
            _ => Ok(None),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }
}

fn serve(mut socket: TcpStream) -> io::Result<()> {
    let (mut inbox, mut outbox, mut machine) = (Inbox::new(), Outbox::new(), Prefixed);
    while !outbox.is_finished() {
        while let Ok(Some(message)) = machine.next_event(&mut inbox, &mut outbox, Instant::ORIGIN) {
            outbox.push(&[message.len() as u8]);
            outbox.push(&message);
        }
        outbox.write_to(&mut socket)?;
        if !outbox.is_ended() {
            inbox.read_from(&mut socket)?;
        }
    }
    socket.shutdown(std::net::Shutdown::Write)
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(listener.accept()?.0));

    let mut client = TcpStream::connect(address)?;
    client.write_all(b"\x05hello\x03big\x05waves")?;
    client.shutdown(std::net::Shutdown::Write)?;
    let mut echoes = Vec::new();
    client.read_to_end(&mut echoes)?;
    writeln!(io::stdout(), "{}", echoes.escape_ascii())?;
    assert_eq!(echoes, b"\x05hello\x03big\x05waves");
    server.join().expect("the server thread does not panic")
}
