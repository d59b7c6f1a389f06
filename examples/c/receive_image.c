/* Receives sealed images over non-blocking sockets of its own, from many senders at once, in one thread:
 *
 *   receive_image -i KEY [-f TRUSTED_PUB] -d DIR [-a ADDRESS] [-t SECONDS] PORT [--once]
 *
 * Each connection has an opener of its own. The opener neither reads nor writes: this program pushes in what a socket
 * gives, in whatever pieces, and takes out events and the bytes of images. Those bytes are authentic, but only a
 * successful secimg_opener_finish says that the stream is whole and signed by whom it should be: until then they lie
 * in temporary files, and nothing of a refused stream stays.
 *
 * PORT 0 takes a free one; the port is printed. --once ends after one connection: 0 stored, 1 refused. */
#include "net.h"

#include "common.h"
#include "incoming.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <direct.h>
#define change_folder _chdir
#else
#include <unistd.h>
#define change_folder chdir
#endif

#define PROGRAM "receive_image"
#define LISTENERS 4
#define VISITS 32

/* One connection, from its acceptance to its end. */
struct visit {
  net_socket socket; /* NET_NO_SOCKET: nobody */
  incoming stream;
  uint64_t deadline;
  const char *answer; /* not NULL: the stream is judged, and this is what is left to say */
};

struct server {
  net_socket listeners[LISTENERS];
  size_t listener_count;
  struct visit visits[VISITS];
  secimg_open_options *options;
  uint64_t silence_ms;
  bool once;
  bool stored; /* the last visit's images */
  bool over;
};

static bool refuse(const char *what) {
  fprintf(stderr, PROGRAM ": refused: %s\n", what);
  return false;
}

/* ------------------------------------------------------------------ connections */

static void end_visit(struct server *server, struct visit *visit) {
  inbox_discard(&visit->stream.box);
  secimg_opener_free(visit->stream.opener);
  visit->stream.opener = NULL;
  net_close(visit->socket);
  visit->socket = NET_NO_SOCKET;
  server->over = server->once;
}

static void judge(struct server *server, struct visit *visit, bool stored) {
  inbox_discard(&visit->stream.box);
  server->stored = stored;
  visit->answer = stored ? "stored\n" : "refused\n";
}

static void welcome(struct server *server, net_socket listener) {
  for (size_t i = 0; i < VISITS; i++) {
    struct visit *visit = &server->visits[i];
    if (visit->socket != NET_NO_SOCKET) {
      continue;
    }
    visit->socket = net_accept(listener);
    if (visit->socket == NET_NO_SOCKET) {
      return;
    }
    visit->answer = NULL;
    visit->deadline = net_now() + server->silence_ms;
    if (!done(PROGRAM, "opening", secimg_opener_new(server->options, &visit->stream.opener))) {
      end_visit(server, visit);
    }
    return;
  }
}

static void answer(struct server *server, struct visit *visit) {
  size_t sent = 0;
  const net_result result = net_send(visit->socket, (const uint8_t *)visit->answer, strlen(visit->answer), &sent);
  visit->answer += sent;
  if (result == NET_GONE) {
    end_visit(server, visit);
  } else if (*visit->answer == '\0') {
    net_end(visit->socket);
    visit->deadline = net_now() + 2000;
  }
}

/* What comes behind the judgement is thrown away, up to the end: closing a socket with unread bytes would reset the
 * connection, and the answer could be lost on its way. */
static void linger(struct server *server, struct visit *visit) {
  static uint8_t buffer[64 * 1024];
  size_t received = 0;
  const net_result result = net_receive(visit->socket, buffer, sizeof buffer, &received);
  if (result == NET_END || result == NET_GONE) {
    end_visit(server, visit);
  }
}

static void receive(struct server *server, struct visit *visit) {
  static uint8_t buffer[64 * 1024];
  size_t received = 0;
  switch (net_receive(visit->socket, buffer, sizeof buffer, &received)) {
  case NET_MOVED: {
    visit->deadline = net_now() + server->silence_ms;
    const enum incoming_state state = incoming_feed(&visit->stream, buffer, received);
    if (state != INCOMING_MORE) {
      judge(server, visit, state == INCOMING_STORED);
    }
    break;
  }
  case NET_WOULD_WAIT:
    break;
  case NET_END:
    /* In the middle of the stream, for its end was judged already: finish says TRUNCATED. */
    judge(server, visit, incoming_conclude(&visit->stream));
    break;
  default:
    (void)refuse("the sender has gone away");
    server->stored = false;
    end_visit(server, visit);
  }
}

static void look_after(struct server *server, struct visit *visit, short events) {
  const bool answered = visit->answer != NULL && *visit->answer == '\0';
  if (events != 0 && visit->answer == NULL) {
    receive(server, visit);
  } else if (events != 0 && answered) {
    linger(server, visit);
  } else if (events != 0) {
    answer(server, visit);
  } else if (net_now() >= visit->deadline) {
    if (!answered) {
      server->stored = refuse("the sender is silent");
    }
    end_visit(server, visit);
  }
}

/* Lists what to wait for; returns how many, and the nearest deadline. */
static size_t list_sockets(const struct server *server, net_pollfd *fds, struct visit **owners, uint64_t *deadline) {
  size_t count = 0;
  size_t free_places = 0;
  *deadline = net_now() + 60000;
  for (size_t i = 0; i < VISITS; i++) {
    const struct visit *visit = &server->visits[i];
    if (visit->socket == NET_NO_SOCKET) {
      free_places++;
      continue;
    }
    fds[count].fd = visit->socket;
    fds[count].events = visit->answer != NULL && *visit->answer != '\0' ? POLLOUT : POLLIN;
    fds[count].revents = 0;
    owners[count++] = (struct visit *)visit;
    *deadline = visit->deadline < *deadline ? visit->deadline : *deadline;
  }
  for (size_t i = 0; i < server->listener_count && free_places > 0; i++) {
    fds[count].fd = server->listeners[i];
    fds[count].events = POLLIN;
    fds[count].revents = 0;
    owners[count++] = NULL;
  }
  return count;
}

static bool serve(struct server *server) {
  while (!server->over) {
    net_pollfd fds[VISITS + LISTENERS];
    struct visit *owners[VISITS + LISTENERS];
    uint64_t deadline = 0;
    const size_t count = list_sockets(server, fds, owners, &deadline);
    if (net_poll(fds, count, deadline) < 0) {
      return refuse("cannot wait for the sockets");
    }
    for (size_t i = 0; i < count && !server->over; i++) {
      if (owners[i] != NULL) {
        look_after(server, owners[i], fds[i].revents);
      } else if (fds[i].revents != 0) {
        welcome(server, fds[i].fd);
      }
    }
  }
  return server->stored;
}

/* ------------------------------------------------------------------ the command line */

static bool add_identity(struct server *server, const char *path) {
  secimg_private_key *key = NULL;
  secimg_identity *identity = NULL;
  const bool added = done(PROGRAM, path, secimg_private_key_load(path, NULL, 0, 0, &key)) &&
                     done(PROGRAM, path, secimg_identity_from_private_key(key, &identity)) &&
                     done(PROGRAM, path, secimg_open_options_add_identity(server->options, identity));
  secimg_identity_free(identity);
  secimg_private_key_free(key);
  return added;
}

static bool require_signer(struct server *server, const char *path) {
  secimg_public_key *key = NULL;
  secimg_trusted_signers *trusted = NULL;
  const bool required = done(PROGRAM, path, secimg_public_key_load(path, &key)) &&
                        done(PROGRAM, path, secimg_trusted_signers_new(&trusted)) &&
                        done(PROGRAM, path, secimg_trusted_signers_add_public_key(trusted, key)) &&
                        done(PROGRAM, path, secimg_open_options_require_signer(server->options, trusted));
  secimg_trusted_signers_free(trusted);
  secimg_public_key_free(key);
  return required;
}

struct words {
  const char *identity;
  const char *trusted;
  const char *folder;
  const char *address;
  const char *port;
};

static bool parse(struct server *server, struct words *words, int argc, char **argv) {
  for (int at = 1; at < argc; at++) {
    const char *value = at + 1 < argc ? argv[at + 1] : NULL;
    const char **place = strcmp(argv[at], "-i") == 0   ? &words->identity
                         : strcmp(argv[at], "-f") == 0 ? &words->trusted
                         : strcmp(argv[at], "-d") == 0 ? &words->folder
                         : strcmp(argv[at], "-a") == 0 ? &words->address
                                                       : NULL;
    if (strcmp(argv[at], "--once") == 0) {
      server->once = true;
    } else if (place != NULL && value != NULL) {
      *place = value;
      at++;
    } else if (strcmp(argv[at], "-t") == 0 && value != NULL && atoi(value) > 0) {
      server->silence_ms = (uint64_t)atoi(value) * 1000;
      at++;
    } else if (argv[at][0] != '-' && words->port == NULL) {
      words->port = argv[at];
    } else {
      return false;
    }
  }
  return words->identity != NULL && words->folder != NULL && words->port != NULL;
}

static bool run(struct server *server, const struct words *words) {
  if (!add_identity(server, words->identity) ||
      (words->trusted != NULL && !require_signer(server, words->trusted)) ||
      /* The images go into temporary files first. */
      !done(PROGRAM, "options", secimg_open_options_set_spooled(server->options, true))) {
    return false;
  }
  /* All names are relative to here: no path is ever put together from a received name. */
  if (change_folder(words->folder) != 0) {
    return refuse("the folder of -d cannot be entered");
  }
  server->listener_count = net_listen(words->address, words->port, server->listeners, LISTENERS);
  if (server->listener_count == 0) {
    return refuse("cannot listen");
  }
  printf("listening on port %u\n", net_port(server->listeners[0]));
  (void)fflush(stdout);
  return serve(server);
}

int main(int argc, char **argv) {
  static struct server server;
  struct words words = {NULL, NULL, NULL, NULL, NULL};
  server.silence_ms = 30000;
  for (size_t i = 0; i < VISITS; i++) {
    server.visits[i].socket = NET_NO_SOCKET;
    inbox_init(&server.visits[i].stream.box);
  }
  if (!parse(&server, &words, argc, argv)) {
    fprintf(stderr, "usage: " PROGRAM " -i KEY [-f TRUSTED_PUB] -d DIR [-a ADDRESS] [-t SECONDS] PORT [--once]\n");
    return 2;
  }
  if (net_start() != 0 || !done(PROGRAM, "options", secimg_open_options_new(&server.options))) {
    return 1;
  }
  const bool stored = run(&server, &words);
  for (size_t i = 0; i < VISITS; i++) {
    end_visit(&server, &server.visits[i]);
  }
  for (size_t i = 0; i < server.listener_count; i++) {
    net_close(server.listeners[i]);
  }
  secimg_open_options_free(server.options);
  net_stop();
  return stored ? 0 : 1;
}
