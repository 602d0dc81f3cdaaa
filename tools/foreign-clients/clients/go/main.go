// SPDX-License-Identifier: Apache-2.0

// go run . URL
package main

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const patience = 5 * time.Second

func main() {
	expect(len(os.Args) == 2, "the server's URL")
	closed := make(chan struct{})
	nc, err := nats.Connect(os.Args[1],
		nats.ReconnectWait(100*time.Millisecond),
		nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	done(err, "a connection")
	ok("connect")

	done(nc.Publish("published", []byte("from Go")), "to publish")
	done(nc.FlushTimeout(patience), "to flush")
	ok("publish")

	plain, err := nc.SubscribeSync("plain")
	done(err, "to subscribe")
	nc.Publish("plain", []byte("one"))
	nc.Publish("plain", []byte("two"))
	expectNext(plain, "plain", "one")
	expectNext(plain, "plain", "two")
	ok("subscribe")

	star, err := nc.SubscribeSync("orders.*.new")
	done(err, "to subscribe to orders.*.new")
	rest, err := nc.SubscribeSync("orders.>")
	done(err, "to subscribe to orders.>")
	nc.Publish("orders.eu.old", []byte("1"))
	nc.Publish("orders.eu.new", []byte("2"))
	nc.Publish("orders.eu.new.big", []byte("3"))
	expectNext(star, "orders.eu.new", "2")
	expectNext(rest, "orders.eu.old", "1")
	expectNext(rest, "orders.eu.new", "2")
	expectNext(rest, "orders.eu.new.big", "3")
	expect(count(star) == 0, "one message for orders.*.new")
	ok("wildcards")

	ann, err := nc.QueueSubscribeSync("jobs", "workers")
	done(err, "to join a queue group")
	bob, err := nc.QueueSubscribeSync("jobs", "workers")
	done(err, "to join a queue group")
	for range 100 {
		nc.Publish("jobs", []byte("job"))
	}
	done(nc.FlushTimeout(patience), "to flush")
	anns, bobs := count(ann), count(bob)
	expect(anns+bobs == 100, "each of 100 messages once in the queue group")
	expect(anns > 0 && bobs > 0, "both members of the queue group to get some")
	ok("queue groups")

	reply, err := nc.Request("echo", []byte("hello"), patience)
	done(err, "a reply")
	expect(string(reply.Data) == "hello", "hello")
	ok("request")

	_, err = nc.Request("nobody", []byte("hello"), patience)
	expect(errors.Is(err, nats.ErrNoResponders), "no responders")
	ok("no responders")

	request := nats.NewMsg("echo")
	request.Header.Set("Greeting", "hello: world")
	request.Header.Set("Name", "Go")
	reply, err = nc.RequestMsg(request, patience)
	done(err, "a reply")
	expect(reply.Header.Get("Greeting") == "hello: world", "the header Greeting")
	expect(reply.Header.Get("Name") == "Go", "the header Name")
	ok("headers")

	news, err := nc.SubscribeSync("news")
	done(err, "to subscribe")
	done(nc.FlushTimeout(patience), "to flush")
	fmt.Println("restart")
	expectNext(news, "news", "from the new server")
	ok("reconnect")

	var handled atomic.Int64
	_, err = nc.Subscribe("last", func(*nats.Msg) { handled.Add(1) })
	done(err, "to subscribe")
	for range 1000 {
		nc.Publish("last", []byte("words"))
	}
	done(nc.Drain(), "to drain")
	select {
	case <-closed:
	case <-time.After(patience):
		expect(false, "a closed connection")
	}
	expect(handled.Load() == 1000, "1000 messages before the connection closes")
	ok("drain")
}

func ok(capability string) { fmt.Println("ok", capability) }

func expect(is bool, what string) {
	if !is {
		fmt.Fprintln(os.Stderr, "expected", what)
		os.Exit(1)
	}
}

func done(err error, what string) {
	expect(err == nil, fmt.Sprint(what, ": ", err))
}

func expectNext(subscription *nats.Subscription, subject, payload string) {
	msg, err := subscription.NextMsg(patience)
	done(err, subject)
	expect(msg.Subject == subject, subject)
	expect(string(msg.Data) == payload, payload)
}

func count(subscription *nats.Subscription) int {
	n := 0
	for _, err := subscription.NextMsg(100 * time.Millisecond); err == nil; n++ {
		_, err = subscription.NextMsg(100 * time.Millisecond)
	}
	return n
}
