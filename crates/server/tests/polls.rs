//! Polls over real sockets: how they are held and let go, and what proxies see of them. What caches and
//! browsers are told is tested elsewhere.

mod support;

use std::time::Duration;

use support::raw::{Publisher, Raw, data};
use support::{PATIENCE, Server};
use tokio::time::{Instant, timeout};

const HELD: &str = "/v1/poll?topic=tide&wait=20";
const AT_ONCE: &str = "/v1/poll?topic=tide&after=oldest&wait=0";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// A request for a poll that is held.
fn hold(query: &str) -> String {
    format!("GET {HELD}{query} HTTP/1.1\r\nHost: a\r\n\r\n")
}

#[tokio::test]
async fn r3_a_hundred_polls_take_one_connection() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    for _ in 0..100 {
        let answer = client.get(AT_ONCE, "").await;
        assert_eq!((answer.status, answer.head.contains("connection:")), (200, false));
    }
}

#[tokio::test]
async fn r7_r8_a_poll_is_answered_before_its_time_is_up_and_empty_is_a_success() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    let began = Instant::now();
    let answer = client.get("/v1/poll?topic=tide&wait=2", "").await;
    let waited = began.elapsed().as_millis();
    assert_eq!((answer.status, data(&answer.body).len()), (200, 0));
    // A tenth is taken off at random, and nothing is added but what a busy machine takes.
    assert!((1_790..5_000).contains(&waited), "{waited} ms");
}

#[tokio::test]
async fn a_wait_that_fits_into_no_clock_is_as_long_as_the_server_holds() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    let target = format!("/v1/poll?topic=tide&wait={}", "9".repeat(40));
    client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    client.stays_silent().await;
    Publisher::new(server.address).publish("tide", "hello").await;
    assert_eq!(data(&client.response().await.body), ["hello"]);
    for nonsense in ["-1", "soon", "nan", "inf"] {
        let target = format!("/v1/poll?topic=tide&wait={nonsense}");
        assert_eq!(client.get(&target, "").await.status, 400, "{nonsense}");
    }
}

#[tokio::test]
async fn r10_r11_a_client_has_one_poll_held_whatever_connections_it_comes_over() {
    let server = Server::start(&[]);
    let mut tabs = Vec::new();
    for client in ["x&seq=1", "y&seq=1", "x&seq=2"] {
        let mut tab = Raw::connect(server.address).await;
        tab.send(hold(&format!("&client={client}"))).await;
        tab.stays_silent().await;
        tabs.push(tab);
        if let ("x&seq=2", [first, ..]) = (client, &mut *tabs) {
            let answer = timeout(Duration::from_secs(5), first.response()).await.unwrap();
            assert_eq!((answer.status, data(&answer.body).len()), (200, 0));
        }
    }
    Publisher::new(server.address).publish("tide", "hello").await;
    for tab in &mut tabs[1..] {
        assert_eq!(data(&tab.response().await.body), ["hello"]);
    }
}

#[tokio::test]
async fn r12_r19_bytes_behind_a_held_poll_let_it_go_and_are_served_in_order() {
    let server = Server::start(&[]);
    for pieces in [1, 2] {
        let mut client = Raw::connect(server.address).await;
        let ahead = [&*hold(""), HEALTH].concat();
        if pieces == 1 {
            client.send([&*hold(""), &ahead].concat()).await;
        } else {
            client.send(hold("")).await;
            client.stays_silent().await;
            client.send(ahead).await;
        }
        let began = Instant::now();
        for _ in 0..2 {
            let poll = client.response().await;
            assert_eq!((poll.status, data(&poll.body).len()), (200, 0));
        }
        assert_eq!(client.response().await.body, r#"{"status":"ok"}"#);
        assert!(began.elapsed() < Duration::from_secs(5), "at once");
        client.send(hold("")).await;
        client.stays_silent().await;
    }
}

#[tokio::test]
async fn r19_of_several_requests_in_flight_none_turns_the_order_round() {
    let server = Server::start(&[]);
    let mut publisher = Publisher::new(server.address);
    let mut requests = String::new();
    for number in ["1", "2", "3"] {
        let after = publisher.publish("tide", number).await;
        requests +=
            &format!("GET /v1/poll?topic=tide&after={after}&wait=0 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut client = Raw::connect(server.address).await;
    client.send(requests).await;
    for expected in [vec!["2", "3"], vec!["3"], vec![]] {
        assert_eq!(data(&client.response().await.body), expected);
    }
}

#[tokio::test]
async fn r14_every_answer_says_where_it_ends() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    for (target, status) in [
        (AT_ONCE, 200),
        ("/v1/poll?topic=tide&after=1.1&wait=0", 410),
        ("/v1/poll", 400),
        ("/v1/nothing", 404),
    ] {
        let answer = client.get(target, "").await;
        assert_eq!(answer.status, status);
        assert!(answer.has(&format!("content-length: {}", answer.body.len())), "{answer:?}");
        assert!(!answer.head.contains("transfer-encoding"), "{answer:?}");
    }
}

#[tokio::test]
async fn r16_a_proxy_that_asks_for_close_gets_a_whole_answer_and_the_end() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    client.send(format!("GET {HELD} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    client.stays_silent().await;
    Publisher::new(server.address).publish("tide", "hello").await;
    let answer = client.response().await;
    assert_eq!((answer.status, data(&answer.body)), (200, vec!["hello".to_owned()]));
    assert!(answer.has("connection: close"), "{answer:?}");
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn r21_who_finds_no_room_is_told_when_to_come_back() {
    let server = Server::start(&["--max-connections", "3"]);
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut client = Raw::connect(server.address).await;
        client.send(hold("")).await;
        client.stays_silent().await;
        held.push(client);
    }
    let refused = Raw::connect(server.address).await.get(HELD, "").await;
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("\nretry-after: ") && refused.has("cache-control: no-store"));
    drop(held.pop());
    let mut client = Raw::connect(server.address).await;
    while client.get(AT_ONCE, "").await.status == 503 {
        client = Raw::connect(server.address).await;
    }
    for client in &mut held {
        client.stays_silent().await;
    }
}

#[tokio::test]
async fn b74_head_and_options_never_hold() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    for target in [HELD, "/v1/poll?topic=tide"] {
        client.send(format!("HEAD {target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let head = timeout(Duration::from_secs(5), client.head()).await.unwrap();
        assert!(head.starts_with("http/1.1 200 ") && head.contains("\netag: "), "{head}");
        client.send(format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let head = timeout(Duration::from_secs(5), client.head()).await.unwrap();
        assert!(head.starts_with("http/1.1 204 "), "{head}");
    }
}

#[tokio::test]
async fn b75_an_http_1_0_client_gets_a_whole_answer_and_the_end() {
    let server = Server::start(&[]);
    for (query, expected) in [("after=now&wait=1", vec![]), ("after=oldest&wait=20", vec!["hello"])]
    {
        if !expected.is_empty() {
            Publisher::new(server.address).publish("tide", "hello").await;
        }
        let mut client = Raw::connect(server.address).await;
        client.send(format!("GET /v1/poll?topic=tide&{query} HTTP/1.0\r\n\r\n")).await;
        let answer = timeout(PATIENCE, client.response()).await.unwrap();
        assert_eq!(
            (answer.status, data(&answer.body)),
            (200, expected.iter().map(ToString::to_string).collect())
        );
        assert!(answer.has("connection: close"), "{answer:?}");
        assert!(!answer.head.contains("transfer-encoding"), "{answer:?}");
        assert_eq!(client.rest().await, b"");
    }
}
