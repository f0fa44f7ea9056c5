//! What caches and browsers are told: what may be kept, by whom, and who may ask from where. How polls are
//! held is tested elsewhere.

mod support;

use support::Server;
use support::raw::{Publisher, Raw, Response, data};

const ORIGIN: &str = "https://app.example";

/// A server that a page of another origin may use, and the cursors of its events.
async fn with_events(count: usize) -> (Server, Vec<String>) {
    let server = Server::start(&["--allow-origin", ORIGIN]);
    let mut publisher = Publisher::new(server.address);
    let mut cursors = Vec::new();
    for number in 1..=count {
        cursors.push(publisher.publish("tide", &number.to_string()).await);
    }
    (server, cursors)
}

fn log(from: &str, to: &str) -> String {
    format!("/v1/log?topic=tide&from={from}&to={to}")
}

/// The value of a field, in lower case.
fn field<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn b69_b70_r9_no_live_answer_and_no_error_may_be_stored() {
    let (server, cursors) = with_events(3).await;
    let poll = |query: &str| format!("/v1/poll?topic=tide&wait=0&{query}");
    let ahead = cursors[0].replace(".1", ".9");
    let mut client = Raw::connect(server.address).await;
    for (target, fields, status) in [
        (poll("after=oldest"), String::new(), 200),
        (poll("after=now"), String::new(), 200),
        (
            poll(&format!("after={}", cursors[2])),
            format!("If-None-Match: \"{}\"\r\n", cursors[2]),
            304,
        ),
        (poll("after=nowhere"), String::new(), 400),
        (poll("limit=0"), String::new(), 400),
        (poll("after=now"), "Origin: https://evil.example\r\n".to_owned(), 403),
        ("/v1/pol".to_owned(), String::new(), 404),
        (poll("after=1.1"), String::new(), 410),
        (poll(&format!("after={ahead}")), String::new(), 410),
        (log("x", &cursors[0]), String::new(), 400),
        (log(&cursors[1], &cursors[0]), String::new(), 400),
        (log(&cursors[1], &ahead), String::new(), 410),
        (log("1.1", "1.2"), String::new(), 410),
        ("/v1/log?topic=tide".to_owned(), String::new(), 400),
        ("/v1/log".to_owned(), String::new(), 400),
    ] {
        let answer = client.get(&target, &fields).await;
        assert_eq!(answer.status, status, "{target}");
        assert!(answer.has("cache-control: no-store"), "{target}: {answer:?}");
    }
    client.send("POST /v1/log HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
    let answer = client.response().await;
    assert_eq!((answer.status, field(&answer, "allow")), (405, Some("get, head, options")));
    assert!(answer.has("cache-control: no-store"), "{answer:?}");
}

#[tokio::test]
async fn b69_a_closed_range_may_be_kept_for_good() {
    let (server, cursors) = with_events(5).await;
    let mut client = Raw::connect(server.address).await;
    let target = log(&cursors[1], &cursors[3]);
    let first = client.get(&target, "").await;
    assert_eq!(
        (first.status, data(&first.body)),
        (200, ["2", "3", "4"].map(String::from).to_vec())
    );
    assert!(
        first
            .body
            .ends_with(&format!("\"next\":\"{}\",\"more\":false,\"poll_after\":0}}", cursors[3]))
    );
    let keep = "max-age=31536000, immutable";
    let public = format!("cache-control: public, {keep}");
    assert!(first.has(&public) && first.has("vary: authorization, origin"), "{first:?}");
    assert_eq!(field(&first, "etag"), None, "it needs none");
    for credentials in ["Authorization: Bearer x\r\n", "Cookie: a=b\r\n"] {
        let answer = client.get(&target, credentials).await;
        assert!(answer.has(&format!("cache-control: private, {keep}")), "{answer:?}");
        assert_eq!(answer.body, first.body);
    }
    let listed = client.get(&target, &format!("Origin: {ORIGIN}\r\n")).await;
    assert!(listed.has(&public) && listed.has("vary: authorization") && listed.has("vary: origin"));
    assert_eq!(field(&listed, "access-control-allow-origin"), Some(ORIGIN));
    Publisher::new(server.address).publish("tide", "6").await;
    assert_eq!(client.get(&target, "").await.body, first.body, "it never changes");
    client.send(format!("HEAD {target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    let head = client.head().await;
    assert!(head.contains(&public) && head.contains(&format!("length: {}", first.body.len())));
}

#[tokio::test]
async fn b69_a_range_that_is_too_large_is_refused_in_words() {
    let (server, cursors) = with_events(257).await;
    let mut client = Raw::connect(server.address).await;
    let whole = client.get(&log(&cursors[0], &cursors[256]), "").await;
    assert_eq!(whole.status, 400);
    assert!(whole.has("cache-control: no-store") && whole.body.contains("ask for a smaller one"));
    let most = client.get(&log(&cursors[0], &cursors[255]), "").await;
    assert_eq!((most.status, data(&most.body).len()), (200, 256));
}

#[tokio::test]
async fn b51_b70_a_word_to_stay_away_is_no_304() {
    let (server, cursors) = with_events(1).await;
    let target =
        |seq| format!("/v1/poll?topic=tide&after={}&wait=20&client=x&seq={seq}", cursors[0]);
    let mut held = Raw::connect(server.address).await;
    held.send(format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target(2))).await;
    held.stays_silent().await;
    let mut late = Raw::connect(server.address).await;
    let answer = late.get(&target(1), &format!("If-None-Match: \"{}\"\r\n", cursors[0])).await;
    assert_eq!((answer.status, field(&answer, "etag")), (200, None));
    let told = format!("\"next\":\"{}\",\"more\":false,\"poll_after\":1}}", cursors[0]);
    assert!(answer.body.ends_with(&told), "{answer:?}");
    assert!(answer.has("cache-control: no-store"));
}

#[tokio::test]
async fn b71_no_cache_buster_is_needed_and_one_is_passed_over() {
    let (server, cursors) = with_events(1).await;
    let mut client = Raw::connect(server.address).await;
    let target = format!("/v1/poll?topic=tide&wait=0&after={}", cursors[0]);
    assert_eq!(data(&client.get(&target, "").await.body).len(), 0);
    Publisher::new(server.address).publish("tide", "2").await;
    for target in [&target, &format!("{target}&_=17")] {
        let answer = client.get(target, "").await;
        assert_eq!(data(&answer.body), ["2"]);
        assert!(answer.has("cache-control: no-store"));
    }
}

#[tokio::test]
async fn b72_a_poll_needs_no_preflight_and_what_one_says_is_kept() {
    let (server, cursors) = with_events(2).await;
    let mut client = Raw::connect(server.address).await;
    let target = format!("/v1/poll?topic=tide&wait=0&after={}", cursors[0]);
    // All that a browser sends of itself with a simple request.
    let simple = client.get(&target, &format!("Origin: {ORIGIN}\r\nAccept: */*\r\n")).await;
    assert_eq!((simple.status, data(&simple.body)), (200, vec!["2".to_owned()]));
    assert_eq!(field(&simple, "access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(field(&simple, "access-control-allow-credentials"), None);
    assert!(
        simple.body.contains(&format!("\"next\":\"{}\"", cursors[1])),
        "the cursor is in the body"
    );
    for path in [&*target, "/v1/log"] {
        let ask = "Access-Control-Request-Method: GET\r\n\
            Access-Control-Request-Headers: if-none-match\r\n";
        let head = format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\nOrigin: {ORIGIN}\r\n{ask}\r\n");
        client.send(head).await;
        let told = client.response().await;
        assert_eq!((told.status, field(&told, "access-control-max-age")), (204, Some("600")));
        assert_eq!(field(&told, "access-control-allow-methods"), Some("get, post"));
        assert!(field(&told, "access-control-allow-headers").unwrap().contains("if-none-match"));
    }
}

#[tokio::test]
async fn b73_the_cursor_survives_a_proxy_that_compresses() {
    let (server, cursors) = with_events(2).await;
    let mut client = Raw::connect(server.address).await;
    let answer = client.get("/v1/poll?topic=tide&wait=0&after=oldest", "").await;
    let next = &cursors[1];
    assert_eq!(field(&answer, "etag"), Some(&*format!("\"{next}\"")));
    assert!(answer.body.contains(&format!("\"next\":\"{next}\"")), "a proxy may drop the tag");
    for tag in [format!("W/\"{next}\""), format!("\"{next}-gzip\""), format!("\"a\", W/\"{next}\"")]
    {
        let fields = format!("If-None-Match: {tag}\r\n");
        for after in ["", &*format!("&after={next}")] {
            let target = format!("/v1/poll?topic=tide&wait=0{after}");
            assert_eq!(client.get(&target, &fields).await.status, 304, "{tag}");
        }
    }
    let stale = format!("If-None-Match: W/\"{}-gzip\"\r\n", cursors[0]);
    assert_eq!(data(&client.get("/v1/poll?topic=tide&wait=0", &stale).await.body), ["2"]);
}

#[tokio::test]
async fn r20_there_is_no_jsonp() {
    let (server, _) = with_events(1).await;
    let mut client = Raw::connect(server.address).await;
    for query in ["", "&callback=alert", "&jsonp=alert"] {
        let answer =
            client.get(&format!("/v1/poll?topic=tide&wait=0&after=oldest{query}"), "").await;
        assert_eq!(data(&answer.body), ["1"]);
        assert!(answer.body.starts_with('{') && answer.body.ends_with('}'), "{answer:?}");
        assert!(answer.has("content-type: application/json"), "{answer:?}");
        assert!(answer.has("x-content-type-options: nosniff"), "{answer:?}");
    }
}
