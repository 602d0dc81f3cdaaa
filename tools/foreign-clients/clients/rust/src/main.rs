// SPDX-License-Identifier: Apache-2.0
// cargo run URL
use async_nats::{Client, ConnectOptions, Event, HeaderMap, RequestErrorKind, Subscriber};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("the server's URL");
    let (closing, mut closed) = mpsc::channel(1);
    let nc = ConnectOptions::new()
        .reconnect_delay_callback(|_| Duration::from_millis(100))
        .event_callback(move |event| {
            let closing = closing.clone();
            async move {
                if event == Event::Closed {
                    closing.send(()).await.ok();
                }
            }
        })
        .connect(url)
        .await
        .expect("a connection");
    ok("connect");

    publish(&nc, "published", "from Rust").await;
    nc.flush().await.expect("to flush");
    ok("publish");

    let mut plain = nc.subscribe("plain").await.expect("to subscribe");
    publish(&nc, "plain", "one").await;
    publish(&nc, "plain", "two").await;
    expect_next(&mut plain, "plain", "one").await;
    expect_next(&mut plain, "plain", "two").await;
    ok("subscribe");

    let mut star = nc
        .subscribe("orders.*.new")
        .await
        .expect("to subscribe to orders.*.new");
    let mut rest = nc
        .subscribe("orders.>")
        .await
        .expect("to subscribe to orders.>");
    publish(&nc, "orders.eu.old", "1").await;
    publish(&nc, "orders.eu.new", "2").await;
    publish(&nc, "orders.eu.new.big", "3").await;
    expect_next(&mut star, "orders.eu.new", "2").await;
    expect_next(&mut rest, "orders.eu.old", "1").await;
    expect_next(&mut rest, "orders.eu.new", "2").await;
    expect_next(&mut rest, "orders.eu.new.big", "3").await;
    assert_eq!(count(&mut star).await, 0, "one message for orders.*.new");
    ok("wildcards");

    let workers = "workers".to_string();
    let mut ann = nc
        .queue_subscribe("jobs", workers.clone())
        .await
        .expect("to join a queue group");
    let mut bob = nc
        .queue_subscribe("jobs", workers)
        .await
        .expect("to join a queue group");
    for _ in 0..100 {
        publish(&nc, "jobs", "job").await;
    }
    nc.flush().await.expect("to flush");
    let (anns, bobs) = (count(&mut ann).await, count(&mut bob).await);
    assert_eq!(
        anns + bobs,
        100,
        "each of 100 messages once in the queue group"
    );
    assert!(
        anns > 0 && bobs > 0,
        "both members of the queue group get some"
    );
    ok("queue groups");

    let reply = nc.request("echo", "hello".into()).await.expect("a reply");
    assert_eq!(reply.payload, "hello");
    ok("request");

    let refused = nc
        .request("nobody", "hello".into())
        .await
        .expect_err("no responders");
    assert_eq!(refused.kind(), RequestErrorKind::NoResponders);
    ok("no responders");

    let mut headers = HeaderMap::new();
    headers.insert("Greeting", "hello: world");
    headers.insert("Name", "Rust");
    let reply = nc
        .request_with_headers("echo", headers.clone(), "hello".into())
        .await
        .expect("a reply");
    assert_eq!(reply.headers, Some(headers));
    ok("headers");

    let mut news = nc.subscribe("news").await.expect("to subscribe");
    nc.flush().await.expect("to flush");
    println!("restart");
    expect_next(&mut news, "news", "from the new server").await;
    ok("reconnect");

    let last = nc.subscribe("last").await.expect("to subscribe");
    for _ in 0..1000 {
        publish(&nc, "last", "words").await;
    }
    // This client hangs up without waiting for the answer to its last PING, and loses what is still under way.
    nc.request("echo", "".into()).await.expect("a reply");
    nc.drain().await.expect("to drain");
    let handled = timeout(PATIENCE, last.count())
        .await
        .expect("the end of the subscription");
    assert_eq!(handled, 1000, "1000 messages before the connection closes");
    timeout(PATIENCE, closed.recv())
        .await
        .expect("a closed connection");
    ok("drain");
}

fn ok(capability: &str) {
    println!("ok {capability}");
}

async fn publish(nc: &Client, subject: &'static str, payload: &'static str) {
    nc.publish(subject, payload.into())
        .await
        .expect("to publish");
}

async fn expect_next(subscription: &mut Subscriber, subject: &str, payload: &str) {
    let msg = timeout(PATIENCE, subscription.next())
        .await
        .expect(subject)
        .expect(subject);
    assert_eq!(
        (msg.subject.as_str(), &msg.payload[..]),
        (subject, payload.as_bytes())
    );
}

async fn count(subscription: &mut Subscriber) -> usize {
    let mut n = 0;
    while let Ok(Some(_)) = timeout(Duration::from_millis(100), subscription.next()).await {
        n += 1;
    }
    n
}
