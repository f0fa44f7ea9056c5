//! What a WebSocket client asks for besides listening: to publish, and to change its topics.

use crate::app::App;
use crate::peer::Peer;
use crate::publication::Publication;
use crate::refusal::Refusal;
use crate::subscription::Subscription;
use crate::wire::{
    ClientMessage, ErrorDocument, PublishMessage, PublishedDocument, ServerMessage,
    SubscribeMessage, encode,
};

/// Does what a message asks for, and answers it.
pub(crate) fn on_message(
    text: &str,
    subscription: &mut Subscription,
    peer: &mut Peer<'_>,
    app: &App,
) {
    let answer = match serde_json::from_str(text) {
        Ok(ClientMessage::Publish(message)) => publish(&message, app),
        Ok(ClientMessage::Subscribe(message)) => subscribe(&message, subscription),
        Err(error) => Err(format!("not understood: {error}")),
    };
    say(&answer.unwrap_or_else(|error| encode(&ErrorDocument { error: error.into() })), peer);
}

/// Answers a binary message, of which there are none.
pub(crate) fn on_binary(peer: &mut Peer<'_>) {
    let error = "binary messages are not understood".into();
    say(&encode(&ErrorDocument { error }), peer);
}

fn publish(message: &PublishMessage, app: &App) -> Result<String, String> {
    let data = message.bytes().ok_or("data is not Base64")?;
    if data.len() > app.options.max_event_bytes {
        return Err(format!("data is longer than {} bytes", app.options.max_event_bytes));
    }
    let cursor = app.feed.publish(&Publication {
        topic: &message.topic,
        event: message.event.as_deref(),
        content_type: message.content_type.as_deref(),
        data: &data,
        idempotency_key: message.idempotency_key.as_deref().map(str::as_bytes),
    });
    let cursor = cursor.map_err(|refusal| refusal.to_string())?.to_string();
    Ok(encode(&ServerMessage::Published(PublishedDocument { cursor })))
}

fn subscribe(
    message: &SubscribeMessage,
    subscription: &mut Subscription,
) -> Result<String, String> {
    let after = message.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| "after is not a cursor, `oldest`, `now` or `last:N`")?;
    let changed = subscription.change(&message.topics, after);
    let next = changed.map_err(|refusal: Refusal| refusal.to_string())?.to_string();
    Ok(encode(&ServerMessage::Subscribed { topics: &message.topics, next }))
}

fn say(text: &str, peer: &mut Peer<'_>) {
    if let Some(websocket) = peer.machine.websocket() {
        // A peer that reads none of its answers misses them; its events wait in the log.
        let _ = websocket.send_text(text, peer.outbox);
    }
}
