//! A poll's place in the feed, given up when its connection is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Context};

use tidewire::poll::HoldId;
use tokio::sync::oneshot;

use crate::feed::Feed;
use crate::refusal::Refusal;
use crate::reply::{Reply, Said};
use crate::route::PollQuery;

/// What became of a poll.
pub(crate) enum Poll {
    Answered(Arc<Reply>),
    Held(Hold),
}

impl Poll {
    /// Asks the feed; if the poll is held, it counts against `visitor`.
    pub(crate) fn ask(
        feed: &Arc<Feed>,
        query: &PollQuery,
        visitor: Option<u64>,
    ) -> Result<Self, Refusal> {
        Ok(Self::new(feed, feed.ask(query, visitor)?))
    }

    fn new(feed: &Arc<Feed>, said: Said) -> Self {
        match said {
            Said::Now(reply) => Self::Answered(Arc::new(reply)),
            Said::Later(id, reply) => Self::Held(Hold { feed: Arc::clone(feed), id, reply }),
        }
    }
}

/// A poll that is held, or was until its reply was sent here. Dropping it frees its place.
pub(crate) struct Hold {
    feed: Arc<Feed>,
    id: HoldId,
    reply: oneshot::Receiver<Arc<Reply>>,
}

impl Hold {
    /// Asks anew, unless the reply is on its way already: what that tells would be told to nobody.
    pub(crate) fn ask_instead(mut self, query: PollQuery) -> Result<Poll, Refusal> {
        match self.feed.ask_instead(self.id, query) {
            Some(said) => Ok(Poll::new(&self.feed, said?)),
            None => {
                Ok(Poll::Answered(self.reply.try_recv().expect("who is not held was answered")))
            }
        }
    }

    /// Waits for the reply, which comes once.
    pub(crate) fn poll_reply(&mut self, cx: &mut Context<'_>) -> task::Poll<Arc<Reply>> {
        match Pin::new(&mut self.reply).poll(cx) {
            task::Poll::Ready(Ok(reply)) => task::Poll::Ready(reply),
            // The feed forgets a hold without a reply only when this is dropped.
            task::Poll::Ready(Err(_)) | task::Poll::Pending => task::Poll::Pending,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.feed.cancel(self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;
    use tidewire::hub::{Hub, Start};
    use tidewire_tokio::Clock;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::publication::Publication;
    use crate::visitor::visitor;

    fn feed(arguments: &[&str]) -> Arc<Feed> {
        let cli = Cli::parse_from([&["tidewire"], arguments].concat());
        let Command::Serve(options) = cli.into_command() else { panic!("serves by default") };
        Feed::new(&options, Clock::start())
    }

    fn query(wait: Duration) -> PollQuery {
        let topics = vec!["tide".to_owned()];
        PollQuery { topics, after: Start::Now, wait, limit: 1, client: None }
    }

    fn publish(feed: &Feed, data: &[u8]) {
        publish_to(feed, "tide", data);
    }

    fn publish_to(feed: &Feed, topic: &str, data: &[u8]) {
        let publication =
            Publication { topic, event: None, content_type: None, data, idempotency_key: None };
        feed.publish(&publication).unwrap();
    }

    #[tokio::test]
    async fn r12_an_answer_on_its_way_is_told_to_who_is_let_go() {
        let feed = feed(&[]);
        for (published, expected) in [(true, "\"data\":\"hello\""), (false, "\"events\":[]")] {
            let held = Poll::ask(&feed, &query(Duration::from_secs(20)), None).unwrap();
            let Poll::Held(hold) = held else { panic!("nothing is there") };
            if published {
                publish(&feed, b"hello");
            }
            let answered = hold.ask_instead(query(Duration::ZERO)).unwrap();
            let Poll::Answered(reply) = answered else { panic!("it does not wait") };
            let Reply::Answer { body, .. } = &*reply else { panic!("nothing was lost") };
            assert!(std::str::from_utf8(body).unwrap().contains(expected), "{body:?}");
        }
    }

    #[tokio::test]
    async fn b16_who_is_let_go_on_a_quiet_topic_is_told_of_no_gap() {
        let feed = feed(&["--max-events", "2"]);
        let after = Start::After(feed.look(Hub::head));
        let held = Poll::ask(&feed, &PollQuery { after, ..query(Duration::from_secs(20)) }, None);
        let Ok(Poll::Held(hold)) = held else { panic!("nothing is there") };
        (0..5).for_each(|_| publish_to(&feed, "river", b"others'"));
        let answered = hold.ask_instead(PollQuery { after, ..query(Duration::ZERO) }).unwrap();
        let Poll::Answered(reply) = answered else { panic!("it does not wait") };
        assert!(matches!(&*reply, Reply::Answer { .. }), "a gap is told where there is none");
    }

    #[tokio::test]
    async fn b52_an_address_holds_no_more_polls_than_its_share() {
        let feed = feed(&["--max-polls-per-address", "2"]);
        let [office, home] =
            ["192.0.2.1:80", "192.0.2.2:80"].map(|at| visitor(at.parse().unwrap()));
        let ask = |visitor| Poll::ask(&feed, &query(Duration::from_secs(20)), visitor);
        let held = [ask(office), ask(office)].map(Result::unwrap);
        let refused = ask(office).err().expect("a third is refused");
        assert_eq!(refused.status(), 429);
        for other in [home, None, None, None] {
            assert!(matches!(ask(other), Ok(Poll::Held(_))));
        }
        drop(held);
        assert!(matches!(ask(office), Ok(Poll::Held(_))), "its polls are gone");
    }
}
