//! Bugs in how a server composes the machines, planted in the simulated one. How they are planted is told
//! elsewhere.

use super::{Bug, bug};

pub(super) const BUGS: &[Bug] = &[
    bug(
        "a poll that is let go is asked anew from where it began",
        "tests/src/sim/polls.rs",
        "self.ask(&Query { after: Start::After(at), ..*query }, plan, wire, now)",
        "self.ask(query, plan, wire, now)",
    ),
    bug(
        "an answer on its way to who is let go is dropped",
        "tests/src/sim/connection.rs",
        "self.doing.let_go(self.reply.take(), self.wire, &mut peer, room);",
        "self.reply = None;\n        self.doing.let_go(None, self.wire, &mut peer, room);",
    ),
];
