/* Eight threads share one key, one set of options and one image; each also fails in its own way, and finds its own
 * text. What is const in the header may be used by all at once. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8

struct shared {
  const secimg_seal_options *seal;
  const secimg_open_options *open;
  const secimg_private_key *key;
  const secimg_public_key *public_key;
  bytes image;
  size_t rounds;
};

struct worker {
  const struct shared *shared;
  unsigned number;
  unsigned long checks;
  unsigned long failures;
};

/* The counters of check.h are the main thread's. */
static void note(struct worker *worker, bool holds, const char *what) {
  worker->checks++;
  if (!holds) {
    worker->failures++;
    fprintf(stderr, "thread %u: FAILED: %s\n", worker->number, what);
  }
}

#define NOTE(worker, condition) note((worker), (condition), #condition)

static void seal_and_open(struct worker *worker, uint8_t *sealed, size_t capacity, uint8_t *opened) {
  const struct shared *shared = worker->shared;
  const size_t len = shared->image.len - worker->number;
  secimg_report *report = NULL;
  size_t sealed_len = 0;
  size_t opened_len = 0;
  NOTE(worker, secimg_encrypt(shared->seal, NULL, shared->image.data, len, sealed, capacity, &sealed_len) == SECIMG_OK);
  NOTE(worker, secimg_decrypt(shared->open, sealed, sealed_len, opened, len, &opened_len, &report) == SECIMG_OK);
  NOTE(worker, opened_len == len && memcmp(opened, shared->image.data, len) == 0);
  NOTE(worker, secimg_report_signer_trusted(report));
  NOTE(worker, secimg_last_error(NULL, 0) == 0);
  secimg_report_free(report);
  sealed[sealed_len / 2] ^= 1;
  NOTE(worker, secimg_decrypt(shared->open, sealed, sealed_len, opened, len, &opened_len, NULL) != SECIMG_OK);
}

/* Even threads fail in one way, odd ones in another; in between the others do the same. */
static void own_text(struct worker *worker) {
  char before[200] = "", after[200] = "";
  secimg_symmetric_key *key = NULL;
  const uint8_t short_key[31] = {0};
  const secimg_status status = worker->number % 2 == 0
                                   ? secimg_symmetric_key_from_bytes(short_key, sizeof short_key, &key)
                                   : secimg_symmetric_key_load("no such file", 0, &key);
  NOTE(worker, status == (worker->number % 2 == 0 ? SECIMG_ERR_INVALID_ARGUMENT : SECIMG_ERR_IO));
  NOTE(worker, secimg_last_error(before, sizeof before) > 0);
  for (unsigned i = 0; i < 1000; i++) {
    (void)secimg_last_error(after, sizeof after);
    if (strcmp(before, after) != 0) {
      NOTE(worker, strcmp(before, after) == 0);
      return;
    }
  }
  NOTE(worker, (strstr(before, "no such file") != NULL) == (worker->number % 2 == 1));
}

static void *work(void *argument) {
  struct worker *worker = argument;
  const struct shared *shared = worker->shared;
  const size_t capacity = shared->image.len + 65536;
  uint8_t *sealed = malloc(capacity);
  uint8_t *opened = malloc(shared->image.len);
  NOTE(worker, secimg_last_error(NULL, 0) == 0); /* a new thread has no text */
  for (size_t round = 0; round < shared->rounds && sealed != NULL && opened != NULL; round++) {
    secimg_public_key *derived = NULL;
    seal_and_open(worker, sealed, capacity, opened);
    own_text(worker);
    NOTE(worker, secimg_private_key_public(shared->key, &derived) == SECIMG_OK);
    NOTE(worker, secimg_public_key_equal(derived, shared->public_key));
    secimg_public_key_free(derived);
  }
  free(opened);
  free(sealed);
  return NULL;
}

/* A machine may move from thread to thread, as long as one at a time uses it. */
static void *finish_elsewhere(void *argument) {
  secimg_sealer *sealer = argument;
  static int failed;
  failed = secimg_sealer_end_item(sealer) != SECIMG_OK || secimg_sealer_finish(sealer) != SECIMG_OK;
  return failed ? &failed : NULL;
}

static void a_machine_moves(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_sealer *sealer = NULL;
  pthread_t thread;
  void *failed = NULL;
  bytes image = pattern(1000, 1);
  bytes sealed = bytes_of(0);
  check_about("a machine that moves to another thread");
  MUST_OK(secimg_sealer_new(seal, &sealer));
  MUST_OK(secimg_sealer_start_item(sealer, NULL, image.len));
  push_all(sealer, image, 0, &sealed);
  drain(sealer, &sealed, 0);
  MUST(pthread_create(&thread, NULL, finish_elsewhere, sealer) == 0);
  MUST(pthread_join(thread, &failed) == 0);
  MUST(failed == NULL);
  drain(sealer, &sealed, 0);
  check_opens(open, sealed, image);
  secimg_sealer_free(sealer);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  secimg_seal_options *seal = seal_for(&all, RSA);
  secimg_open_options *open = open_for(&all, RSA);
  secimg_public_key *key = public_of(all.rsa);
  struct worker workers[THREADS];
  pthread_t threads[THREADS];
  sign_with(seal, all.scanner);
  require_signer(open, all.scanner);
  const struct shared shared = {seal, open, all.rsa, key, pattern(100000, 1), by_effort(1, 6, 100)};
  for (unsigned i = 0; i < THREADS; i++) {
    const struct worker fresh = {&shared, i, 0, 0};
    workers[i] = fresh;
    MUST(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
  }
  for (unsigned i = 0; i < THREADS; i++) {
    MUST(pthread_join(threads[i], NULL) == 0);
    check_count(workers[i].checks, workers[i].failures);
  }
  a_machine_moves(&all);
  bytes image = shared.image;
  bytes_drop(&image);
  secimg_public_key_free(key);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  people_drop(&all);
  return check_end();
}
