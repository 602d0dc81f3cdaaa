// SPDX-License-Identifier: Apache-2.0
//
// A bound for parsers of what a NATS server sends: finds the fields of every frame and makes nothing of them.
// scan FILE [MILLISECONDS], FILE holding whole MSG, HMSG and PING frames.
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAD = 64, MAX_LINE = 4096, ROUND_NS = 4000000, WARM_UP_NS = 20000000 };

struct frame {
  char verb; // 'M', 'H' or 'P'
  const uint8_t *subject, *subject_end;
  const uint8_t *reply, *reply_end; // both NULL without a reply
  uint64_t sid, headers, size;
};

struct sums {
  uint64_t frames, checksum;
};

static inline int verb_is(const uint8_t *at, const char *verb) { return memcmp(at, verb, 4) == 0; }

// At most 9 digits, so that nothing overflows: no server sends more.
static inline int number(const uint8_t *from, const uint8_t *end, uint64_t *value) {
  if (from == end || end - from > 9) return 0;
  uint32_t sum = 0;
  for (; from < end; from++) {
    uint32_t digit = (uint32_t)*from - '0';
    if (digit > 9) return 0;
    sum = sum * 10 + digit;
  }
  *value = sum;
  return 1;
}

// Returns where the frame ends, NULL where it is malformed or incomplete. May read PAD bytes past `end`.
static inline const uint8_t *next(const uint8_t *at, const uint8_t *end, struct frame *frame) {
  const uint8_t *token[6], *stop[6];
  int with_headers = 0;
  if (verb_is(at, "MSG ")) {
    at += 4;
  } else if (verb_is(at, "HMSG") && at[4] == ' ') {
    with_headers = 1;
    at += 5;
  } else if (verb_is(at, "PING") && at[4] == '\r' && at[5] == '\n') {
    frame->verb = 'P';
    return at + 6 <= end ? at + 6 : NULL;
  } else {
    return NULL;
  }

  // The number of arguments decides what each means, hence all delimiters first. A server separates by one space.
  // An unsigned "at most ' '", since a signed comparison would take UTF-8 for delimiters.
  const __m128i space = _mm_set1_epi8(' ');
  int count = 0;
  token[0] = at;
  for (const uint8_t *block = at;; block += 16) {
    if (block >= end) return NULL;
    __m128i bytes = _mm_loadu_si128((const __m128i *)block);
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes));
    for (; mask != 0; mask &= mask - 1) {
      const uint8_t *found = block + __builtin_ctz(mask);
      stop[count++] = found;
      if (*found != ' ') goto line_end;
      if (count == 5) return NULL;
      token[count] = found + 1;
    }
  }
line_end:;
  const uint8_t *line_end = stop[count - 1];
  int optional = count - (with_headers ? 4 : 3);
  if (line_end[0] != '\r' || line_end[1] != '\n' || line_end - at > MAX_LINE) return NULL;
  if (optional != 0 && optional != 1) return NULL;

  frame->verb = with_headers ? 'H' : 'M';
  frame->subject = token[0];
  frame->subject_end = stop[0];
  frame->reply = optional ? token[2] : NULL;
  frame->reply_end = optional ? stop[2] : NULL;
  frame->headers = 0;
  if (stop[0] == token[0] || !number(token[1], stop[1], &frame->sid)) return NULL;
  if (with_headers && !number(token[count - 2], stop[count - 2], &frame->headers)) return NULL;
  if (!number(token[count - 1], stop[count - 1], &frame->size) || frame->headers > frame->size) return NULL;

  const uint8_t *payload = line_end + 2;
  if (end - payload < (ptrdiff_t)frame->size + 2) return NULL;
  payload += frame->size;
  return payload[0] == '\r' && payload[1] == '\n' ? payload + 2 : NULL;
}

__attribute__((noinline)) static struct sums pass(const uint8_t *bytes, size_t length) {
  struct sums sums = {0, 0};
  struct frame frame;
  for (const uint8_t *at = bytes, *end = bytes + length; at < end; sums.frames++) {
    const uint8_t *after = next(at, end, &frame);
    if (after == NULL) {
      fprintf(stderr, "malformed frame at byte %td\n", at - bytes);
      exit(1);
    }
    // A user may look at any field: without this the compiler drops those that the checksum leaves out.
    __asm__ volatile("" : : "r"(&frame) : "memory");
    if (frame.verb != 'P') sums.checksum += (uint64_t)(frame.subject_end - frame.subject) + frame.sid + frame.size;
    at = after;
  }
  return sums;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static uint8_t *load(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  uint8_t *bytes = size > 0 ? calloc((size_t)size + PAD, 1) : NULL;
  if (bytes == NULL || fseek(file, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
    fprintf(stderr, "cannot read %s, or it is empty\n", path);
    exit(1);
  }
  fclose(file);
  *length = (size_t)size;
  return bytes;
}

int main(int argc, char **argv) {
  if (argc < 2) return fputs("usage: scan FILE [MILLISECONDS]\n", stderr), 2;
  size_t length;
  const uint8_t *bytes = load(argv[1], &length);
  int rounds = (argc > 2 ? atoi(argv[2]) : 200) / (ROUND_NS / 1000000);

  struct sums first = pass(bytes, length);
  double began = now(), last = 0;
  for (double start = began; start - began < WARM_UP_NS;) {
    pass(bytes, length);
    double end = now();
    last = end - start;
    start = end;
  }
  int repeat = last < ROUND_NS ? (int)(ROUND_NS / (last + 1)) : 1;

  printf("{\"frames\":%llu,\"checksum\":%llu,\"rounds\":[", (unsigned long long)first.frames,
         (unsigned long long)first.checksum);
  for (int round = 0; round < (rounds > 0 ? rounds : 1); round++) {
    double start = now();
    for (int i = 0; i < repeat; i++) {
      struct sums sums = pass(bytes, length);
      if (sums.checksum != first.checksum || sums.frames != first.frames) return 1;
    }
    printf("%s%.3f", round ? "," : "", (now() - start) / repeat / (double)first.frames);
  }
  puts("]}");
  return 0;
}
