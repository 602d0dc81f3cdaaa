// SPDX-License-Identifier: Apache-2.0
// mvn compile dependency:copy-dependencies; java -cp 'target/classes:target/dependency/*' Main URL
import static java.nio.charset.StandardCharsets.UTF_8;

import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

public class Main {
    static final Duration PATIENCE = Duration.ofSeconds(5);

    public static void main(String[] args) throws Exception {
        expect(args.length == 1, "the server's URL");
        Options options = new Options.Builder()
            .server(args[0])
            .reconnectWait(Duration.ofMillis(100))
            .reportNoResponders()
            .build();
        Connection nc = Nats.connect(options);
        ok("connect");

        publish(nc, "published", "from Java");
        nc.flush(PATIENCE);
        ok("publish");

        Subscription plain = nc.subscribe("plain");
        publish(nc, "plain", "one");
        publish(nc, "plain", "two");
        expectNext(plain, "plain", "one");
        expectNext(plain, "plain", "two");
        ok("subscribe");

        Subscription star = nc.subscribe("orders.*.new");
        Subscription rest = nc.subscribe("orders.>");
        publish(nc, "orders.eu.old", "1");
        publish(nc, "orders.eu.new", "2");
        publish(nc, "orders.eu.new.big", "3");
        expectNext(star, "orders.eu.new", "2");
        expectNext(rest, "orders.eu.old", "1");
        expectNext(rest, "orders.eu.new", "2");
        expectNext(rest, "orders.eu.new.big", "3");
        expect(count(star) == 0, "one message for orders.*.new");
        ok("wildcards");

        Subscription ann = nc.subscribe("jobs", "workers");
        Subscription bob = nc.subscribe("jobs", "workers");
        for (int i = 0; i < 100; i++) publish(nc, "jobs", "job");
        nc.flush(PATIENCE);
        int anns = count(ann);
        int bobs = count(bob);
        expect(anns + bobs == 100, "each of 100 messages once in the queue group");
        expect(anns > 0 && bobs > 0, "both members of the queue group to get some");
        ok("queue groups");

        Message reply = nc.request("echo", "hello".getBytes(UTF_8), PATIENCE);
        expect(reply != null && new String(reply.getData(), UTF_8).equals("hello"), "hello");
        ok("request");

        try {
            nc.request("nobody", "hello".getBytes(UTF_8)).get(5, TimeUnit.SECONDS);
            expect(false, "no responders");
        } catch (ExecutionException refused) {
            expect(refused.getCause() instanceof JetStreamStatusException status
                && status.getStatus().getCode() == 503, "no responders: " + refused);
        }
        ok("no responders");

        Headers headers = new Headers().add("Greeting", "hello: world").add("Name", "Java");
        reply = nc.request(NatsMessage.builder().subject("echo").headers(headers).build(), PATIENCE);
        expect(reply != null && headers.equals(reply.getHeaders()), headers.toString());
        ok("headers");

        Subscription news = nc.subscribe("news");
        nc.flush(PATIENCE);
        System.out.println("restart");
        expectNext(news, "news", "from the new server");
        ok("reconnect");

        AtomicInteger handled = new AtomicInteger();
        nc.createDispatcher(message -> handled.incrementAndGet()).subscribe("last");
        for (int i = 0; i < 1000; i++) publish(nc, "last", "words");
        expect(nc.drain(PATIENCE).get(5, TimeUnit.SECONDS), "to drain");
        expect(nc.getStatus() == Connection.Status.CLOSED, "a closed connection");
        expect(handled.get() == 1000, "1000 messages before the connection closes");
        ok("drain");
    }

    static void ok(String capability) {
        System.out.println("ok " + capability);
    }

    static void expect(boolean is, String what) {
        if (is) return;
        System.err.println("expected " + what);
        System.exit(1);
    }

    static void publish(Connection nc, String subject, String payload) {
        nc.publish(subject, payload.getBytes(UTF_8));
    }

    static void expectNext(Subscription subscription, String subject, String payload) throws InterruptedException {
        Message message = subscription.nextMessage(PATIENCE);
        expect(message != null && message.getSubject().equals(subject), subject);
        expect(new String(message.getData(), UTF_8).equals(payload), payload);
    }

    static int count(Subscription subscription) throws InterruptedException {
        int n = 0;
        while (subscription.nextMessage(Duration.ofMillis(100)) != null) n++;
        return n;
    }
}
