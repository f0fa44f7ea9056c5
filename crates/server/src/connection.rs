//! One connection's life: requests come, one of them may make it a stream, the log feeds it. What a
//! response says is the business of `answer`, what a WebSocket client asks that of `socket`.

use std::future::poll_fn;
use std::sync::Arc;
use std::task;
use std::time::Duration;

use bytes::BytesMut;
use tidewire::http::RequestHead;
use tidewire::http::server::Event as Http;
use tidewire::hub::Start;
use tidewire::server::{Connection, Event, Handshake};
use tidewire::ws::Event as WebSocket;
use tidewire::ws::handshake::Origins;
use tidewire::ws::handshake::server::Policy;
use tidewire_tokio::{Driver, Ready};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tracing::{debug, info};

use crate::answer::{self, Asker};
use crate::app::App;
use crate::entropy;
use crate::hold::{Hold, Poll};
use crate::item::Form;
use crate::peer::{Peer, abandon, leave};
use crate::publication::Publication;
use crate::range;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::route::{PollQuery, Route, StreamQuery, route};
use crate::socket;
use crate::subscription::Subscription;
use crate::visitor::visitor;
use crate::wire::{ResetDocument, encode};

/// What a connection is busy with.
#[derive(Default)]
enum Doing {
    /// Waits for a request, or passes over the rest of one that was answered.
    #[default]
    Nothing,
    /// Reads a request to its end.
    Reading { route: Route, asker: Asker, body: BytesMut },
    /// A poll is held.
    Holding { query: PollQuery, asker: Asker, hold: Hold },
    /// The connection is a stream.
    Following(Subscription),
}

/// Serves a connection until it is over, and then gives its seat up.
///
/// As an `async fn` it would keep the room of the socket beside that of the driver which took it.
pub(crate) fn serve(
    socket: TcpStream,
    app: Arc<App>,
    seat: OwnedSemaphorePermit,
) -> impl Future<Output = ()> {
    let machine = Connection::new(Arc::clone(&app.machine), app.clock.now());
    let visitor = socket.peer_addr().ok().and_then(visitor);
    let mut driver = Driver::new(socket, machine, app.clock);
    answer::date_errors(&mut driver.peer());
    let mut doing = Doing::Nothing;
    // Whether it was told to leave, and as what: a request that was on its way may make it a stream.
    let mut left_as_stream = None;
    async move {
        loop {
            loop {
                match driver.next_event() {
                    Ok(Some((event, mut peer))) => doing.on_event(event, &mut peer, &app, visitor),
                    Ok(None) => break,
                    Err(error) => info!(%error, "the peer broke the rules"),
                }
            }
            doing.deliver(&mut driver.peer(), &app);
            let is_stream = matches!(doing, Doing::Following(_));
            tokio::select! {
                ready = driver.ready() => match ready {
                    Ok(Ready::Again) => {}
                    Ok(Ready::Over) => break,
                    Err(error) => {
                        debug!(%error, "the connection is gone");
                        break;
                    }
                },
                reply = doing.woken() => doing.on_woken(reply, &mut driver.peer()),
                () = app.leaving.cancelled(), if left_as_stream != Some(is_stream) => {
                    left_as_stream = Some(is_stream);
                    leave(&mut driver.peer());
                }
            }
        }
        drop(seat);
    }
}

/// Answers the first request of a connection for which there is no seat.
pub(crate) async fn turn_away(socket: TcpStream, app: &App) {
    let machine = Connection::new(Arc::clone(&app.machine), app.clock.now());
    let mut driver = Driver::new(socket, machine, app.clock);
    loop {
        while let Ok(Some((event, mut peer))) = driver.next_event() {
            if let Event::Http(Http::Request(head)) = event {
                let busy = Refusal::Busy { retry_after: Duration::from_secs(5) };
                leave(&mut peer);
                answer::refuse(&busy, &Asker::stranger(&head), &mut peer);
            }
        }
        tokio::select! {
            ready = driver.ready() => if !matches!(ready, Ok(Ready::Again)) {
                return;
            },
            () = app.leaving.cancelled() => return,
        }
    }
}

impl Doing {
    fn on_event(&mut self, event: Event<'_>, peer: &mut Peer<'_>, app: &App, visitor: Option<u64>) {
        match event {
            Event::Http(Http::Request(head)) => self.on_request(&head, peer, app, visitor),
            Event::Http(Http::Body(piece)) => {
                if let Self::Reading { route: Route::Publish(_), body, .. } = self {
                    body.extend_from_slice(&piece);
                }
            }
            Event::Http(Http::End) => {
                if let Self::Reading { route, asker, body } = std::mem::take(self) {
                    *self = on_request_end(route, asker, &body, peer, app);
                }
            }
            Event::Http(Http::PeerEnded) => self.on_peer_ended(peer),
            Event::PeerAhead => self.let_go(peer),
            Event::Http(Http::Closed) | Event::StreamEnded => *self = Self::Nothing,
            Event::WebSocket(WebSocket::Closed(closed)) => {
                debug!(code = ?closed.code, clean = closed.clean, "a WebSocket closed");
                *self = Self::Nothing;
            }
            Event::WebSocket(WebSocket::Text(text)) => {
                if let Self::Following(subscription) = self {
                    socket::on_message(&text, subscription, peer, app);
                }
            }
            Event::WebSocket(WebSocket::Binary(_)) => socket::on_binary(peer),
            // Trailers, pings and pongs ask nothing of us.
            _ => {}
        }
    }

    fn on_request(
        &mut self,
        head: &RequestHead,
        peer: &mut Peer<'_>,
        app: &App,
        visitor: Option<u64>,
    ) {
        *self = Self::Nothing;
        answer::date_errors(peer);
        let admitted = app.guard.admit(head);
        let asker = Asker::new(head, admitted.as_ref().ok(), visitor);
        match admitted.and_then(|_| route(head, &app.machine.event_stream)) {
            Err(refusal) => answer::refuse(&refusal, &asker, peer),
            Ok(Route::WebSocket(query)) => *self = upgrade(head, &query, &asker, peer, app),
            Ok(route) => {
                answer::invite_body(peer);
                *self = Self::Reading { route, asker, body: BytesMut::new() };
            }
        }
    }

    /// A peer that ended its side may still read the answer to a poll.
    fn on_peer_ended(&mut self, peer: &mut Peer<'_>) {
        leave(peer);
        if let Self::Following(_) = self {
            *self = Self::Nothing;
        }
        self.let_go(peer);
    }

    /// Answers a held poll with what there is.
    fn let_go(&mut self, peer: &mut Peer<'_>) {
        match std::mem::take(self) {
            Self::Holding { query, asker, hold } => {
                match hold.ask_instead(PollQuery { wait: Duration::ZERO, ..query }) {
                    Ok(Poll::Answered(reply)) => answer::poll(&reply, &asker, peer),
                    Ok(Poll::Held(_)) => abandon("a poll without a wait was held", peer),
                    Err(refusal) => answer::refuse(&refusal, &asker, peer),
                }
            }
            other @ (Self::Nothing | Self::Reading { .. } | Self::Following(_)) => *self = other,
        }
    }

    /// Sends what the log has for a stream, as long as the peer keeps up.
    fn deliver(&mut self, peer: &mut Peer<'_>, app: &App) {
        let Self::Following(subscription) = self else { return };
        while let Some(room) = app.options.max_pending_bytes.checked_sub(peer.outbox.len() + 1) {
            let sent = match subscription.read(room) {
                Ok(items) if items.is_empty() => return,
                Ok(items) => items.iter().try_for_each(|item| {
                    let entry = item.entry(subscription.form());
                    peer.machine.send(entry, peer.outbox, peer.now)
                }),
                Err(reset) => {
                    let document = encode(&ResetDocument::from(reset));
                    peer.machine.send_gap(reset.resume(), &document, peer.outbox, peer.now)
                }
            };
            if let Err(error) = sent {
                debug!(%error, "a stream ends before all is sent");
                *self = Self::Nothing;
                return leave(peer);
            }
        }
    }

    /// Waits for what the log has to say: the reply to a held poll, or `None` for news for a stream.
    async fn woken(&mut self) -> Option<Arc<Reply>> {
        poll_fn(|cx| match self {
            Self::Holding { hold, .. } => hold.poll_reply(cx).map(Some),
            Self::Following(subscription) => subscription.poll_news(cx).map(|()| None),
            Self::Nothing | Self::Reading { .. } => task::Poll::Pending,
        })
        .await
    }

    fn on_woken(&mut self, reply: Option<Arc<Reply>>, peer: &mut Peer<'_>) {
        if let (Some(reply), Self::Holding { asker, .. }) = (reply, &*self) {
            answer::poll(&reply, asker, peer);
            *self = Self::Nothing;
        }
    }
}

/// The request is complete: answers it, holds it or makes it a stream.
fn on_request_end(
    route: Route,
    asker: Asker,
    body: &[u8],
    peer: &mut Peer<'_>,
    app: &App,
) -> Doing {
    match route {
        Route::Asset(asset) => answer::asset(asset, peer),
        Route::Health => answer::health(&asker, peer),
        Route::Preflight => answer::preflight(&asker, peer),
        Route::Publish(query) => {
            let published = app.feed.publish(&Publication {
                topic: &query.topic,
                event: query.event.as_deref(),
                content_type: asker.content_type.as_deref(),
                idempotency_key: asker.idempotency_key.as_deref(),
                data: body,
            });
            match published {
                Ok(cursor) => answer::published(cursor, &asker, peer),
                Err(refusal) => answer::refuse(&refusal, &asker, peer),
            }
        }
        Route::Poll(query) => match Poll::ask(&app.feed, &query, asker.visitor) {
            Ok(Poll::Answered(reply)) => answer::poll(&reply, &asker, peer),
            Ok(Poll::Held(hold)) => return Doing::Holding { query, asker, hold },
            Err(refusal) => answer::refuse(&refusal, &asker, peer),
        },
        Route::Range(query) => match app.feed.look(|hub| range::read(hub, &query)) {
            Ok(body) => answer::range(body, &asker, peer),
            Err(refusal) => answer::refuse(&refusal, &asker, peer),
        },
        Route::EventStream(query) => return open_stream(&query, &asker, peer, app),
        // A WebSocket was made of the request at its head.
        Route::WebSocket(_) => {}
    }
    Doing::Nothing
}

fn open_stream(query: &StreamQuery, asker: &Asker, peer: &mut Peer<'_>, app: &App) -> Doing {
    let after = query.after.unwrap_or(Start::Now);
    let form = if query.envelope { Form::Envelope } else { Form::Usual };
    let subscription = match Subscription::new(&app.feed, &query.topics, after, form) {
        Ok(subscription) => subscription,
        Err(refusal) => {
            answer::refuse(&refusal, asker, peer);
            return Doing::Nothing;
        }
    };
    let fields = asker.stream_fields(subscription.position());
    let opened = peer.machine.open_event_stream(fields, &mut entropy(), peer.outbox, peer.now);
    match opened {
        Ok(()) if peer.machine.http().is_none() => Doing::Following(subscription),
        // The head alone was asked for.
        Ok(()) => Doing::Nothing,
        Err(error) => {
            abandon(error, peer);
            Doing::Nothing
        }
    }
}

fn upgrade(
    head: &RequestHead,
    query: &StreamQuery,
    asker: &Asker,
    peer: &mut Peer<'_>,
    app: &App,
) -> Doing {
    let after = query.after.unwrap_or(Start::Now);
    let subscription = match Subscription::new(&app.feed, &query.topics, after, Form::Usual) {
        Ok(subscription) => subscription,
        Err(refusal) => {
            leave(peer);
            answer::refuse(&refusal, asker, peer);
            return Doing::Nothing;
        }
    };
    let fields = asker.stream_fields(subscription.position());
    // The guard has judged the origin already, with the list that holds for all routes.
    let mut policy = Policy::default();
    policy.origins = Origins::Any;
    match peer.machine.accept_websocket(head, &policy, fields, peer.outbox, peer.now) {
        Ok(Handshake::Accepted) => return Doing::Following(subscription),
        Ok(Handshake::Refused(refused)) => debug!(%refused, "no WebSocket"),
        Err(error) => abandon(error, peer),
    }
    Doing::Nothing
}
