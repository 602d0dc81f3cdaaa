// SPDX-License-Identifier: Apache-2.0
// As src/client/player.ts, for nats.c: main URL WORK SIZE SUBJECT
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const int64_t TIMEOUT = 10000;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long came = 0, wanted = -1;

static void done(natsStatus status) {
    if (status == NATS_OK) return;
    fprintf(stderr, "%s\n", natsStatus_GetText(status));
    exit(1);
}

static void on_message(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure) {
    natsMsg_Destroy(msg);
    pthread_mutex_lock(&lock);
    if (++came == wanted) pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void heard(long messages) {
    pthread_mutex_lock(&lock);
    wanted = messages;
    while (came < wanted) pthread_cond_wait(&changed, &lock);
    came = 0;
    wanted = -1;
    pthread_mutex_unlock(&lock);
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return 1e9 * (used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e3 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
    const char *work = argv[2];
    int size = atoi(argv[3]);
    const char *subject = argv[4];
    char *payload = memset(malloc(size + 1), 'x', size);
    natsConnection *nc = NULL;
    natsSubscription *sub = NULL;
    done(natsConnection_ConnectTo(&nc, argv[1]));
    if (strcmp(work, "callback") == 0) done(natsConnection_Subscribe(&sub, nc, subject, on_message, NULL));
    if (strcmp(work, "iterator") == 0) done(natsConnection_SubscribeSync(&sub, nc, subject));
    if (sub != NULL) done(natsSubscription_SetPendingLimits(sub, -1, -1));
    done(natsConnection_Flush(nc));
    printf("ready\n");
    fflush(stdout);
    char line[32];
    while (fgets(line, sizeof line, stdin) != NULL) {
        long messages = atol(line);
        natsMsg *msg = NULL;
        double before = cpu();
        if (strcmp(work, "publish") == 0) {
            for (long i = 0; i < messages; i++) done(natsConnection_Publish(nc, subject, payload, size));
            done(natsConnection_Flush(nc));
        } else if (strcmp(work, "callback") == 0) {
            heard(messages);
        } else if (strcmp(work, "iterator") == 0) {
            for (long i = 0; i < messages; i++) {
                done(natsSubscription_NextMsg(&msg, sub, TIMEOUT));
                natsMsg_Destroy(msg);
            }
        } else {
            for (long i = 0; i < messages; i++) {
                done(natsConnection_Request(&msg, nc, subject, payload, size, TIMEOUT));
                natsMsg_Destroy(msg);
            }
        }
        printf("%.0f\n", cpu() - before);
        fflush(stdout);
    }
    natsConnection_Destroy(nc);
    return 0;
}
