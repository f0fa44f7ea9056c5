//! What a client offers and what a server allows, chosen by two bytes, and what may come of both.

use tidewire::ws::handshake::deflate::{Agreement, Parameters, Policy as Deflate, WindowBits};
use tidewire::ws::handshake::{Origins, Subprotocol, client::Offer, server::Policy};

/// A server's policy. Zeros are the default.
pub(super) fn policy([switches, windows]: [u8; 2]) -> Policy {
    let mut policy = Policy::default();
    let good = vec!["https://good.example".to_owned()];
    policy.origins = match switches >> 4 & 3 {
        0 => Origins::default(),
        1 => Origins::Any,
        2 => Origins::Only(good),
        _ => Origins::SameOriginOr(good),
    };
    policy.subprotocols = subprotocols(switches);
    if switches & 1 != 0 {
        let mut deflate = Deflate::default();
        deflate.server_no_context_takeover = switches & 2 != 0;
        deflate.client_no_context_takeover = switches & 4 != 0;
        deflate.allow_eight_bit_server_window = switches & 8 != 0;
        deflate.server_max_window_bits = bits(windows);
        deflate.client_max_window_bits = bits(windows >> 4);
        policy.deflate = Some(deflate);
    }
    policy
}

/// A client's offer. Zeros are the default.
pub(super) fn offer([switches, windows]: [u8; 2]) -> Offer {
    let mut offer = Offer::default();
    offer.subprotocols = subprotocols(switches);
    let mut parameters = Parameters::default();
    parameters.server_no_context_takeover = switches & 2 != 0;
    parameters.client_no_context_takeover = switches & 4 != 0;
    parameters.server_max_window_bits = (windows & 8 != 0).then(|| bits(windows));
    parameters.client_max_window_bits = (windows & 0x80 != 0).then(|| bits(windows >> 4));
    if switches & 1 != 0 {
        offer.deflate.push(parameters);
    }
    if switches & 8 != 0 {
        offer.deflate.push(Parameters::default());
    }
    offer
}

/// Whether a server keeps to its policy with this.
pub(super) fn is_allowed(agreement: Agreement, policy: &Policy) -> bool {
    policy.deflate.is_some_and(|policy| {
        let least = if policy.allow_eight_bit_server_window { 8 } else { 9 };
        (least..=policy.server_max_window_bits.get()).contains(&agreement.server.bits.get())
            && agreement.client.bits <= policy.client_max_window_bits
            && !(policy.server_no_context_takeover && agreement.server.context_takeover)
            && !(policy.client_no_context_takeover && agreement.client.context_takeover)
    })
}

/// Whether one of the offers asks for no more than this.
pub(super) fn is_offered(agreement: Agreement, offer: &Offer) -> bool {
    let is_kept = |asked: Option<WindowBits>, bits| asked.is_none_or(|asked| bits <= asked);
    offer.deflate.iter().any(|offer| {
        is_kept(offer.server_max_window_bits, agreement.server.bits)
            && is_kept(offer.client_max_window_bits, agreement.client.bits)
            && !(offer.server_no_context_takeover && agreement.server.context_takeover)
            && !(offer.client_no_context_takeover && agreement.client.context_takeover)
    })
}

/// Whether what the client made of a response fits what the server meant by it: each reads whatever
/// the other may write.
pub(super) fn fit(server: Agreement, client: Agreement) -> bool {
    server.server == client.server
        && client.client.bits <= server.client.bits
        && client.client.context_takeover <= server.client.context_takeover
}

fn subprotocols(switches: u8) -> Vec<Subprotocol> {
    let names: &[&str] = match switches >> 6 {
        0 => &[],
        1 => &["a"],
        2 => &["b.v2", "a"],
        _ => &["a", "b.v2", "a"],
    };
    names.iter().filter_map(Subprotocol::new).collect()
}

fn bits(digit: u8) -> WindowBits {
    WindowBits::new(15 - digit % 8).expect("8 to 15")
}
