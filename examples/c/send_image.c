/* Seals images and sends them over a non-blocking socket of its own:
 *
 *   send_image -r PUB [-r PUB]... [-s SIGNKEY] [-t SECONDS] HOST PORT IMAGE...
 *
 * All images are one stream. The sealer neither reads nor writes: this program pushes bytes of the files in, and sends
 * what it finds with peek. A send that takes less than there was is nothing special, for consume says how much went.
 *
 * The receiver answers with one word, which only spares the sender from guessing: it proves nothing. (The command
 * `secimg receive` answers with a receipt that does.) Exit status: 0 stored, 1 not, 2 wrong usage. */
#include "net.h"

#include "common.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#define PROGRAM "send_image"
#define ANSWER "stored\n"

struct job {
  const char *host;
  const char *port;
  char **images;
  size_t image_count;
  uint64_t silence_ms;
  secimg_recipients *recipients;
  secimg_seal_options *options;
  secimg_sealer *sealer;
  net_socket socket;
  FILE *file; /* of the open item */
  size_t next_image;
  uint64_t sent;
  uint8_t buffer[64 * 1024];
  size_t buffered; /* bytes of the file that the sealer has not taken yet */
  size_t buffer_at;
};

static bool failed(const char *what, const char *why) {
  fprintf(stderr, PROGRAM ": %s: %s\n", what, why);
  return false;
}

static bool add_recipient(struct job *job, const char *path) {
  secimg_public_key *key = NULL;
  const bool added = done(PROGRAM, path, secimg_public_key_load(path, &key)) &&
                     done(PROGRAM, path, secimg_recipients_add_public_key(job->recipients, key));
  secimg_public_key_free(key);
  return added;
}

static bool set_signer(struct job *job, const char *path) {
  secimg_private_key *key = NULL;
  secimg_signer *signer = NULL;
  const bool set = done(PROGRAM, path, secimg_private_key_load(path, NULL, 0, 0, &key)) &&
                   done(PROGRAM, path, secimg_signer_from_private_key(key, &signer)) &&
                   done(PROGRAM, path, secimg_seal_options_set_signer(job->options, signer));
  secimg_signer_free(signer);
  secimg_private_key_free(key);
  return set;
}

/* The length of a regular file that stands at its beginning. */
static bool file_length(const char *path, uint64_t *length) {
#ifdef _WIN32
  struct __stat64 about;
  if (_stat64(path, &about) != 0 || (about.st_mode & _S_IFREG) == 0) {
    return failed(path, "not a regular file");
  }
#else
  struct stat about;
  if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
    return failed(path, "not a regular file");
  }
#endif
  *length = (uint64_t)about.st_size;
  return true;
}

static const char *last_component(const char *path) {
  const char *name = path;
  for (const char *at = path; *at != '\0'; at++) {
    if (*at == '/'
#ifdef _WIN32
        || *at == '\\' || *at == ':'
#endif
    ) {
      name = at + 1;
    }
  }
  return name;
}

static bool start_image(struct job *job, const char *path) {
  secimg_description *description = NULL;
  uint64_t length = 0;
  if (!file_length(path, &length)) {
    return false;
  }
  job->file = fopen(path, "rb");
  if (job->file == NULL) {
    return failed(path, "cannot be read");
  }
  const bool started =
      done(PROGRAM, path, secimg_description_new(&description)) &&
      done(PROGRAM, path, secimg_description_set_name(description, last_component(path))) &&
      done(PROGRAM, path, secimg_sealer_start_item(job->sealer, description, length));
  secimg_description_free(description);
  return started;
}

static bool end_image(struct job *job, const char *path) {
  const bool read_well = ferror(job->file) == 0;
  (void)fclose(job->file);
  job->file = NULL;
  /* A file that is shorter by now is found out here: the stream said how long it is. */
  return (read_well || failed(path, "cannot be read")) &&
         done(PROGRAM, path, secimg_sealer_end_item(job->sealer));
}

/* Gives the sealer its next step. It has no output now, so it takes something. */
static bool feed(struct job *job) {
  if (job->file == NULL) {
    if (job->next_image == job->image_count) {
      return done(PROGRAM, "finishing", secimg_sealer_finish(job->sealer));
    }
    return start_image(job, job->images[job->next_image++]);
  }
  const char *path = job->images[job->next_image - 1];
  if (job->buffered == 0) {
    job->buffer_at = 0;
    job->buffered = fread(job->buffer, 1, sizeof job->buffer, job->file);
    if (job->buffered == 0) {
      return end_image(job, path);
    }
  }
  size_t taken = 0;
  if (!done(PROGRAM, path, secimg_sealer_push(job->sealer, job->buffer + job->buffer_at, job->buffered, &taken))) {
    return false;
  }
  job->buffer_at += taken;
  job->buffered -= taken;
  return true;
}

/* Waits until the socket can do something, or has been silent for too long. */
static bool wait_for(struct job *job, short events, uint64_t deadline) {
  net_pollfd fd;
  fd.fd = job->socket;
  fd.events = events;
  fd.revents = 0;
  while (fd.revents == 0) {
    if (net_poll(&fd, 1, deadline) < 0) {
      return failed(job->host, "cannot wait for the socket");
    }
    if (fd.revents == 0 && net_now() >= deadline) {
      return failed(job->host, "the receiver is silent");
    }
  }
  return true;
}

/* Sends what the sealer has ready; as much as the system takes at once. */
static bool send_some(struct job *job, const uint8_t *data, size_t len, uint64_t *deadline) {
  size_t sent = 0;
  switch (net_send(job->socket, data, len, &sent)) {
  case NET_MOVED:
    job->sent += sent;
    *deadline = net_now() + job->silence_ms;
    return done(PROGRAM, "consuming", secimg_sealer_consume(job->sealer, sent));
  case NET_WOULD_WAIT:
    return wait_for(job, POLLOUT, *deadline);
  default:
    return failed(job->host, "the receiver has gone away");
  }
}

static bool send_stream(struct job *job) {
  uint64_t deadline = net_now() + job->silence_ms;
  for (;;) {
    const uint8_t *data = NULL;
    size_t len = 0;
    if (!done(PROGRAM, "sealing", secimg_sealer_peek(job->sealer, &data, &len))) {
      return false;
    }
    if (len > 0) {
      if (!send_some(job, data, len, &deadline)) {
        return false;
      }
    } else if ((secimg_sealer_state(job->sealer) & SECIMG_STATE_DONE) != 0) {
      return true;
    } else if (!feed(job)) {
      return false;
    }
  }
}

/* Reads the answer up to the end of the connection. */
static bool stored(struct job *job) {
  const uint64_t deadline = net_now() + job->silence_ms;
  uint8_t answer[64];
  size_t held = 0;
  for (;;) {
    size_t received = 0;
    switch (net_receive(job->socket, answer + held, sizeof answer - held, &received)) {
    case NET_MOVED:
      held += received;
      if (held == sizeof answer) {
        return failed(job->host, "the answer is not that of receive_image");
      }
      break;
    case NET_WOULD_WAIT:
      if (!wait_for(job, POLLIN, deadline)) {
        return false;
      }
      break;
    case NET_END:
      return (held == strlen(ANSWER) && memcmp(answer, ANSWER, held) == 0) ||
             failed(job->host, held == 0 ? "no answer" : "the receiver refused the images");
    default:
      return failed(job->host, "the receiver has gone away");
    }
  }
}

static bool run(struct job *job) {
  if (!done(PROGRAM, "sealing", secimg_sealer_new(job->options, &job->sealer))) {
    return false;
  }
  job->socket = net_connect(job->host, job->port, job->silence_ms);
  if (job->socket == NET_NO_SOCKET) {
    return failed(job->host, "cannot connect");
  }
  if (!send_stream(job)) {
    return false;
  }
  net_end(job->socket);
  if (!stored(job)) {
    return false;
  }
  printf("%zu image(s) stored, %llu bytes sent\n", job->image_count, (unsigned long long)job->sent);
  return true;
}

static int usage(void) {
  fprintf(stderr, "usage: " PROGRAM " -r PUB [-r PUB]... [-s SIGNKEY] [-t SECONDS] HOST PORT IMAGE...\n");
  return 2;
}

/* Takes the options; returns the index of the first word behind them, or 0. */
static int parse(struct job *job, int argc, char **argv, const char **signer) {
  int at = 1;
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    const char *value = argv[at + 1];
    if (strcmp(argv[at], "-r") == 0) {
      if (!add_recipient(job, value)) {
        return 0;
      }
    } else if (strcmp(argv[at], "-s") == 0) {
      *signer = value;
    } else if (strcmp(argv[at], "-t") == 0 && atoi(value) > 0) {
      job->silence_ms = (uint64_t)atoi(value) * 1000;
    } else {
      return 0;
    }
  }
  return at + 3 <= argc ? at : 0;
}

int main(int argc, char **argv) {
  static struct job job;
  const char *signer = NULL;
  int code = 1;
  job.socket = NET_NO_SOCKET;
  job.silence_ms = 30000;
  if (net_start() != 0 || !done(PROGRAM, "recipients", secimg_recipients_new(&job.recipients))) {
    return 1;
  }
  const int at = parse(&job, argc, argv, &signer);
  if (at == 0 || secimg_recipients_count(job.recipients) == 0) {
    code = usage();
  } else {
    job.host = argv[at];
    job.port = argv[at + 1];
    job.images = argv + at + 2;
    job.image_count = (size_t)(argc - at - 2);
    if (done(PROGRAM, "options", secimg_seal_options_new(job.recipients, &job.options)) &&
        (signer == NULL || set_signer(&job, signer)) && run(&job)) {
      code = 0;
    }
  }
  if (job.file != NULL) {
    (void)fclose(job.file);
  }
  secimg_sealer_free(job.sealer);
  secimg_seal_options_free(job.options);
  secimg_recipients_free(job.recipients);
  net_close(job.socket);
  net_stop();
  return code;
}
