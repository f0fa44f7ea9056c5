//! Redirects as a source sees them: which there are, how many are enough, and what they leave as it is.

mod kit;

use core::time::Duration;

use tidewire_sse::redirect::judge;
use tidewire_sse::{Action, Redirect, Source, SourceConfig, SourceState, Stop, Verdict};

use crate::kit::client::{Link, resilient};
use crate::kit::{entropy, seconds};

#[test]
fn a_redirect_leaves_the_source_waiting_for_its_answer() {
    for (status, redirect) in [
        (301, Redirect::Permanent),
        (302, Redirect::Temporary),
        (303, Redirect::Temporary),
        (307, Redirect::Temporary),
        (308, Redirect::Permanent),
    ] {
        for config in [SourceConfig::default(), resilient(), SourceConfig::for_method("POST")] {
            let mut link = Link::connecting(config, 0);
            assert_eq!(link.redirect(status), Verdict::Redirect(redirect));
            assert_eq!(link.source.state(), SourceState::Connecting);
            assert_eq!(link.accept(), Verdict::Open);
        }
    }
}

#[test]
fn a_redirect_that_does_not_say_whereto_is_an_answer() {
    for status in [301, 302, 303, 307, 308] {
        let mut link = Link::connecting(resilient(), 0);
        assert_eq!(link.answer(status, None), Verdict::Stopped(Stop::Status(status)));
    }
}

#[test]
fn twenty_redirects_are_followed_and_one_more_is_the_answer() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    for _ in 0..20 {
        assert_eq!(link.redirect(302), Verdict::Redirect(Redirect::Temporary));
    }
    assert_eq!(link.redirect(307), Verdict::Stopped(Stop::Status(307)));
    assert_eq!((link.next(), link.source.deadline()), (None, None));
}

#[test]
fn each_response_has_its_own_redirects() {
    let mut config = SourceConfig::default();
    config.max_redirects = 1;
    let mut link = Link::connecting(config, 0);
    for _ in 0..10 {
        assert_eq!(link.redirect(308), Verdict::Redirect(Redirect::Permanent));
        link.accept();
        link.lose();
        link.sit_out();
    }
}

#[test]
fn who_wants_no_redirects_gets_none() {
    let mut config = SourceConfig::default();
    config.max_redirects = 0;
    let mut link = Link::connecting(config, 0);
    assert_eq!(link.redirect(301), Verdict::Stopped(Stop::Status(301)));
}

#[test]
fn redirects_do_not_buy_time() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    for second in 1..30 {
        link.now = seconds(second);
        if second % 2 == 0 {
            link.redirect(302);
        }
        assert_eq!(link.next(), None);
    }
    link.now = seconds(30);
    let Some(Action::Disconnect(ended)) = link.next() else { panic!("too slow") };
    assert_eq!(ended.verdict, Verdict::Retry);
    assert_eq!(link.redirect(302), Verdict::Retry, "it came too late");
}

#[test]
fn the_request_to_the_new_place_is_the_same() {
    let mut source = Source::new(SourceConfig::default(), entropy(0), seconds(0));
    source.seed_last_event_id(&tidewire_sse::EventId::from_static("7.42"));
    let mut link = Link { source, now: seconds(0) };
    link.next();
    let request = link.request();
    link.redirect(307);
    assert_eq!(link.request(), request);
    assert_eq!(link.resumes(), Some(b"7.42".to_vec()));
}

#[test]
fn what_was_dropped_at_one_hop_is_not_sent_at_a_later_one() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\n\n");
    link.lose();
    link.sit_out();
    let mut request: Vec<&str> = link.source.request_fields().map(|(name, _)| name).collect();
    request.extend(["Authorization", "X-Token"]);
    let places =
        ["https://a.example/1", "https://a.example/2", "https://b.example", "https://a.example/3"];
    for (hop, fields) in places.windows(2).zip([5, 3, 3]) {
        assert_eq!(link.redirect(307), Verdict::Redirect(Redirect::Temporary));
        let hop = judge(hop[0], hop[1]).unwrap();
        request.retain(|field| hop.carries(field, &["x-token"]));
        assert_eq!(request.len(), fields);
    }
    assert_eq!(request, ["Accept", "Cache-Control", "Last-Event-ID"]);
    assert_eq!(link.accept(), Verdict::Open);
}

#[test]
fn a_redirect_that_is_not_followed_is_tried_again_or_closed() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    link.redirect(302);
    assert_eq!(link.lose(), Verdict::Retry);
    assert_eq!(link.sit_out(), Duration::from_secs(2));
    link.redirect(302);
    link.source.close();
    assert_eq!(link.source.state(), SourceState::Stopped(Stop::Closed));
}

#[test]
fn a_redirect_that_nobody_waits_for_changes_nothing() {
    let mut link = Link::open(SourceConfig::default(), 0);
    assert_eq!(link.redirect(302), Verdict::Open);
    link.lose();
    assert_eq!(link.redirect(302), Verdict::Retry);
    link.source.close();
    assert_eq!(link.redirect(302), Verdict::Stopped(Stop::Closed));
}
