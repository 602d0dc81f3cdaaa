// SPDX-License-Identifier: Apache-2.0
// cc main.c -lnats; main URL
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t PATIENCE = 5000;
static int handled = 0;
static volatile bool closed = false;

static void ok(const char *capability) {
    printf("ok %s\n", capability);
    fflush(stdout);
}

static void expect(bool is, const char *what) {
    if (is) return;
    fprintf(stderr, "expected %s\n", what);
    exit(1);
}

static void done(natsStatus status, const char *what) {
    if (status == NATS_OK) return;
    fprintf(stderr, "expected %s: %s\n", what, natsStatus_GetText(status));
    nats_PrintLastErrorStack(stderr);
    exit(1);
}

static void expect_next(natsSubscription *subscription, const char *subject, const char *payload) {
    natsMsg *msg = NULL;
    done(natsSubscription_NextMsg(&msg, subscription, PATIENCE), subject);
    expect(strcmp(natsMsg_GetSubject(msg), subject) == 0, subject);
    expect(strcmp(natsMsg_GetData(msg), payload) == 0, payload);
    natsMsg_Destroy(msg);
}

static int count(natsSubscription *subscription) {
    natsMsg *msg = NULL;
    int n = 0;
    for (; natsSubscription_NextMsg(&msg, subscription, 100) == NATS_OK; n++) natsMsg_Destroy(msg);
    return n;
}

static void on_message(natsConnection *nc, natsSubscription *subscription, natsMsg *msg, void *closure) {
    handled++;
    natsMsg_Destroy(msg);
}

static void on_closed(natsConnection *nc, void *closure) { closed = true; }

int main(int argc, char **argv) {
    expect(argc == 2, "the server's URL");
    natsOptions *options = NULL;
    natsConnection *nc = NULL;
    done(natsOptions_Create(&options), "options");
    done(natsOptions_SetURL(options, argv[1]), "a URL");
    done(natsOptions_SetReconnectWait(options, 100), "options");
    done(natsOptions_SetClosedCB(options, on_closed, NULL), "options");
    done(natsConnection_Connect(&nc, options), "a connection");
    ok("connect");

    done(natsConnection_PublishString(nc, "published", "from C"), "to publish");
    done(natsConnection_FlushTimeout(nc, PATIENCE), "to flush");
    ok("publish");

    natsSubscription *plain = NULL;
    done(natsConnection_SubscribeSync(&plain, nc, "plain"), "to subscribe");
    natsConnection_PublishString(nc, "plain", "one");
    natsConnection_PublishString(nc, "plain", "two");
    expect_next(plain, "plain", "one");
    expect_next(plain, "plain", "two");
    ok("subscribe");

    natsSubscription *star = NULL, *rest = NULL;
    done(natsConnection_SubscribeSync(&star, nc, "orders.*.new"), "to subscribe to orders.*.new");
    done(natsConnection_SubscribeSync(&rest, nc, "orders.>"), "to subscribe to orders.>");
    natsConnection_PublishString(nc, "orders.eu.old", "1");
    natsConnection_PublishString(nc, "orders.eu.new", "2");
    natsConnection_PublishString(nc, "orders.eu.new.big", "3");
    expect_next(star, "orders.eu.new", "2");
    expect_next(rest, "orders.eu.old", "1");
    expect_next(rest, "orders.eu.new", "2");
    expect_next(rest, "orders.eu.new.big", "3");
    expect(count(star) == 0, "one message for orders.*.new");
    ok("wildcards");

    natsSubscription *ann = NULL, *bob = NULL;
    done(natsConnection_QueueSubscribeSync(&ann, nc, "jobs", "workers"), "to join a queue group");
    done(natsConnection_QueueSubscribeSync(&bob, nc, "jobs", "workers"), "to join a queue group");
    for (int i = 0; i < 100; i++) natsConnection_PublishString(nc, "jobs", "job");
    done(natsConnection_FlushTimeout(nc, PATIENCE), "to flush");
    int anns = count(ann), bobs = count(bob);
    expect(anns + bobs == 100, "each of 100 messages once in the queue group");
    expect(anns > 0 && bobs > 0, "both members of the queue group to get some");
    ok("queue groups");

    natsMsg *reply = NULL;
    done(natsConnection_RequestString(&reply, nc, "echo", "hello", PATIENCE), "a reply");
    expect(strcmp(natsMsg_GetData(reply), "hello") == 0, "hello");
    natsMsg_Destroy(reply);
    ok("request");

    expect(natsConnection_RequestString(&reply, nc, "nobody", "hello", PATIENCE) == NATS_NO_RESPONDERS, "no responders");
    ok("no responders");

    natsMsg *request = NULL;
    const char *greeting = NULL, *name = NULL;
    done(natsMsg_Create(&request, "echo", NULL, "hello", 5), "a message");
    done(natsMsgHeader_Set(request, "Greeting", "hello: world"), "a header");
    done(natsMsgHeader_Set(request, "Name", "C"), "a header");
    done(natsConnection_RequestMsg(&reply, nc, request, PATIENCE), "a reply");
    done(natsMsgHeader_Get(reply, "Greeting", &greeting), "the header Greeting");
    done(natsMsgHeader_Get(reply, "Name", &name), "the header Name");
    expect(strcmp(greeting, "hello: world") == 0 && strcmp(name, "C") == 0, "the headers' values");
    natsMsg_Destroy(request);
    natsMsg_Destroy(reply);
    ok("headers");

    natsSubscription *news = NULL;
    done(natsConnection_SubscribeSync(&news, nc, "news"), "to subscribe");
    done(natsConnection_FlushTimeout(nc, PATIENCE), "to flush");
    puts("restart");
    fflush(stdout);
    expect_next(news, "news", "from the new server");
    ok("reconnect");

    natsSubscription *done_with[] = {plain, star, rest, ann, bob, news}, *last = NULL;
    for (int i = 0; i < 6; i++) natsSubscription_Destroy(done_with[i]);
    done(natsConnection_Subscribe(&last, nc, "last", on_message, NULL), "to subscribe");
    for (int i = 0; i < 1000; i++) natsConnection_PublishString(nc, "last", "words");
    done(natsConnection_Drain(nc), "to drain");
    for (int64_t i = 0; i < PATIENCE && !closed; i += 10) nats_Sleep(10);
    expect(closed, "a closed connection");
    expect(handled == 1000, "1000 messages before the connection closes");
    ok("drain");
    return 0;
}
