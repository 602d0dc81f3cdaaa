# SPDX-License-Identifier: Apache-2.0
# pip install -r requirements.txt; python main.py URL
import asyncio
import sys

import nats
from nats.errors import NoRespondersError, TimeoutError

PATIENCE = 5


def ok(capability):
    print("ok", capability, flush=True)


def expect(is_so, what):
    if not is_so:
        sys.exit(f"expected {what}")


async def expect_next(subscription, subject, payload):
    msg = await subscription.next_msg(timeout=PATIENCE)
    expect(msg.subject == subject, subject)
    expect(msg.data == payload, payload)


async def count(subscription):
    n = 0
    try:
        while await subscription.next_msg(timeout=0.1):
            n += 1
    except TimeoutError:
        return n


async def main(url):
    closed = asyncio.Event()

    async def on_closed():
        closed.set()

    nc = await nats.connect(url, reconnect_time_wait=0.1, closed_cb=on_closed)
    ok("connect")

    await nc.publish("published", b"from Python")
    await nc.flush(PATIENCE)
    ok("publish")

    plain = await nc.subscribe("plain")
    await nc.publish("plain", b"one")
    await nc.publish("plain", b"two")
    await expect_next(plain, "plain", b"one")
    await expect_next(plain, "plain", b"two")
    ok("subscribe")

    star = await nc.subscribe("orders.*.new")
    rest = await nc.subscribe("orders.>")
    await nc.publish("orders.eu.old", b"1")
    await nc.publish("orders.eu.new", b"2")
    await nc.publish("orders.eu.new.big", b"3")
    await expect_next(star, "orders.eu.new", b"2")
    await expect_next(rest, "orders.eu.old", b"1")
    await expect_next(rest, "orders.eu.new", b"2")
    await expect_next(rest, "orders.eu.new.big", b"3")
    expect(await count(star) == 0, "one message for orders.*.new")
    ok("wildcards")

    ann = await nc.subscribe("jobs", queue="workers")
    bob = await nc.subscribe("jobs", queue="workers")
    for _ in range(100):
        await nc.publish("jobs", b"job")
    await nc.flush(PATIENCE)
    anns, bobs = await count(ann), await count(bob)
    expect(anns + bobs == 100, "each of 100 messages once in the queue group")
    expect(anns > 0 and bobs > 0, "both members of the queue group to get some")
    ok("queue groups")

    reply = await nc.request("echo", b"hello", timeout=PATIENCE)
    expect(reply.data == b"hello", "hello")
    ok("request")

    try:
        await nc.request("nobody", b"hello", timeout=PATIENCE)
        expect(False, "no responders")
    except NoRespondersError:
        ok("no responders")

    headers = {"Greeting": "hello: world", "Name": "Python"}
    reply = await nc.request("echo", b"hello", timeout=PATIENCE, headers=headers)
    expect(reply.headers == headers, headers)
    ok("headers")

    news = await nc.subscribe("news")
    await nc.flush(PATIENCE)
    print("restart", flush=True)
    await expect_next(news, "news", b"from the new server")
    ok("reconnect")

    handled = 0

    async def on_message(_):
        nonlocal handled
        handled += 1

    await nc.subscribe("last", cb=on_message)
    for _ in range(1000):
        await nc.publish("last", b"words")
    await nc.drain()
    await asyncio.wait_for(closed.wait(), PATIENCE)
    expect(handled == 1000, "1000 messages before the connection closes")
    ok("drain")


asyncio.run(main(sys.argv[1]))
