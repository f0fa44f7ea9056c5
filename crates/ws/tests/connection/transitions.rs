//! Every state under every cause: what is told and where it leads.

use tidewire_core::Protocol;
use tidewire_ws::CloseCode;

use crate::kit::{BOTH, Config, Fact, Link, Role};

type Cause = fn(&mut Link) -> Vec<Fact>;

const CAUSES: [(&str, Cause); 6] = [
    ("message", |link| link.peer(0x81, b"")),
    ("ping", |link| link.peer(0x89, b"")),
    ("Close", |link| link.peer(0x88, b"")),
    ("violation", |link| link.feed(&[0xFF])),
    ("end", Link::end),
    ("deadline", |link| {
        link.now = link.connection.deadline().unwrap_or(link.now);
        link.poll()
    }),
];

const TABLE: &str = "\
Server Open      message    text     Open
Server Open      ping       ping     Open
Server Open      Close      closed   Ended
Server Open      violation  failed   Ended
Server Open      end        lost     Ended
Server Open      deadline   -        Open
Server Closing   message    -        Closing
Server Closing   ping       -        Closing
Server Closing   Close      closed   Ended
Server Closing   violation  failed   Ended
Server Closing   end        lost     Ended
Server Closing   deadline   lost     Ended
Server Ended     message    -        Ended
Server Ended     ping       -        Ended
Server Ended     Close      -        Ended
Server Ended     violation  -        Ended
Server Ended     end        -        Ended
Server Ended     deadline   -        Ended
Client Open      message    text     Open
Client Open      ping       ping     Open
Client Open      Close      closed   Lingering
Client Open      violation  failed   Ended
Client Open      end        lost     Ended
Client Open      deadline   -        Open
Client Closing   message    -        Closing
Client Closing   ping       -        Closing
Client Closing   Close      closed   Lingering
Client Closing   violation  failed   Ended
Client Closing   end        lost     Ended
Client Closing   deadline   lost     Ended
Client Lingering message    -        Lingering
Client Lingering ping       -        Lingering
Client Lingering Close      -        Lingering
Client Lingering violation  -        Lingering
Client Lingering end        -        Ended
Client Lingering deadline   -        Ended
Client Ended     message    -        Ended
Client Ended     ping       -        Ended
Client Ended     Close      -        Ended
Client Ended     violation  -        Ended
Client Ended     end        -        Ended
Client Ended     deadline   -        Ended
";

#[test]
fn each_state_does_under_each_cause_what_the_table_says() {
    let mut table = String::new();
    for role in BOTH {
        for state in ["Open", "Closing", "Lingering", "Ended"] {
            if (role, state) == (Role::Server, "Lingering") {
                continue;
            }
            for (name, cause) in CAUSES {
                let mut link = in_state(role, state);
                let told = match &cause(&mut link)[..] {
                    [] => "-",
                    [Fact::Text(_)] => "text",
                    [Fact::Ping(_)] => "ping",
                    [Fact::Closed(closed)] if closed.clean => "closed",
                    [Fact::Closed(_)] => "lost",
                    [Fact::Failed(_)] => "failed",
                    other => panic!("{other:?}"),
                };
                let next = state_of(&mut link, state == "Closing" && told == "-");
                table += &format!("{role:?} {state:<9} {name:<10} {told:<8} {next}\n");
            }
        }
    }
    assert_eq!(table, TABLE, "\n{table}");
}

fn in_state(role: Role, state: &str) -> Link {
    let mut link = Link::new(role, Config::default());
    if state == "Closing" {
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
    } else if state != "Open" {
        link.peer(0x88, b"");
    }
    if (role, state) == (Role::Client, "Ended") {
        link.now = link.connection.deadline().unwrap();
        link.poll();
    }
    link
}

fn state_of(link: &mut Link, is_closing: bool) -> &'static str {
    match (link.connection.is_open(), link.outbox.is_ended()) {
        (true, false) => "Open",
        (false, true) => "Ended",
        (false, false) if is_closing => "Closing",
        (false, false) => "Lingering",
        (true, true) => panic!("open, but the outbox is ended"),
    }
}
