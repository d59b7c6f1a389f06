#include "net.h"

#include <string.h>

#ifdef _WIN32
#define net_error() WSAGetLastError()
#define NET_WAITS(error) ((error) == WSAEWOULDBLOCK)
#define NET_CONNECTING(error) ((error) == WSAEWOULDBLOCK)
#define NET_INTERRUPTED(error) ((error) == WSAEINTR)
#else
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#define net_error() errno
#define NET_WAITS(error) ((error) == EAGAIN || (error) == EWOULDBLOCK)
#define NET_CONNECTING(error) ((error) == EINPROGRESS)
#define NET_INTERRUPTED(error) ((error) == EINTR)
#endif

/* A peer that went away must be an error of one call, not a signal that ends the program. */
#ifdef MSG_NOSIGNAL
#define NET_SEND_FLAGS MSG_NOSIGNAL
#else
#define NET_SEND_FLAGS 0
#endif

int net_start(void) {
#ifdef _WIN32
  WSADATA data;
  return WSAStartup(MAKEWORD(2, 2), &data);
#else
  return 0;
#endif
}

void net_stop(void) {
#ifdef _WIN32
  (void)WSACleanup();
#endif
}

uint64_t net_now(void) {
#ifdef _WIN32
  return GetTickCount64();
#else
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
    return 0;
  }
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
#endif
}

void net_close(net_socket socket) {
  if (socket == NET_NO_SOCKET) {
    return;
  }
#ifdef _WIN32
  (void)closesocket(socket);
#else
  (void)close(socket);
#endif
}

void net_end(net_socket socket) {
#ifdef _WIN32
  (void)shutdown(socket, SD_SEND);
#else
  (void)shutdown(socket, SHUT_WR);
#endif
}

static int prepare(net_socket socket) {
#ifdef _WIN32
  u_long on = 1;
  return ioctlsocket(socket, FIONBIO, &on);
#else
  const int flags = fcntl(socket, F_GETFL, 0);
#ifdef SO_NOSIGPIPE
  const int on = 1;
  (void)setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  if (flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) {
    return -1;
  }
  return fcntl(socket, F_SETFD, FD_CLOEXEC);
#endif
}

static net_socket open_socket(const struct addrinfo *address) {
  net_socket made = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  if (made != NET_NO_SOCKET && prepare(made) != 0) {
    net_close(made);
    return NET_NO_SOCKET;
  }
  return made;
}

static struct addrinfo *look_up(const char *host, const char *port, int flags) {
  struct addrinfo hints;
  struct addrinfo *list = NULL;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  return getaddrinfo(host, port, &hints, &list) == 0 ? list : NULL;
}

int net_poll(net_pollfd *fds, size_t count, uint64_t deadline) {
  const uint64_t now = net_now();
  const uint64_t rest = deadline > now ? deadline - now : 0;
  const int timeout = rest > 60000 ? 60000 : (int)rest;
#ifdef _WIN32
  const int ready = WSAPoll(fds, (ULONG)count, timeout);
#else
  const int ready = poll(fds, (nfds_t)count, timeout);
#endif
  return ready < 0 && NET_INTERRUPTED(net_error()) ? 0 : ready;
}

/* Waits until a connection that was begun stands or has failed. */
static int connected(net_socket socket, uint64_t deadline) {
  net_pollfd fd;
  int error = 0;
  socklen_t size = sizeof error;
  fd.fd = socket;
  fd.events = POLLOUT;
  fd.revents = 0;
  while (fd.revents == 0) {
    if (net_poll(&fd, 1, deadline) < 0 || (fd.revents == 0 && net_now() >= deadline)) {
      return 0;
    }
  }
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, (void *)&error, &size) == 0 && error == 0;
}

net_socket net_connect(const char *host, const char *port, uint64_t timeout_ms) {
  const uint64_t deadline = net_now() + timeout_ms;
  struct addrinfo *list = look_up(host, port, 0);
  net_socket found = NET_NO_SOCKET;
  for (const struct addrinfo *at = list; at != NULL && found == NET_NO_SOCKET; at = at->ai_next) {
    net_socket tried = open_socket(at);
    if (tried == NET_NO_SOCKET) {
      continue;
    }
    const int begun = connect(tried, at->ai_addr, (socklen_t)at->ai_addrlen);
    if (begun == 0 || (NET_CONNECTING(net_error()) && connected(tried, deadline))) {
      found = tried;
    } else {
      net_close(tried);
    }
  }
  if (list != NULL) {
    freeaddrinfo(list);
  }
  return found;
}

/* The port's place in an address, in network byte order. */
static uint16_t *port_of(struct sockaddr *address) {
  if (address->sa_family == AF_INET6) {
    return &((struct sockaddr_in6 *)(void *)address)->sin6_port;
  }
  return &((struct sockaddr_in *)(void *)address)->sin_port;
}

unsigned net_port(net_socket socket) {
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  memset(&bound, 0, sizeof bound);
  if (getsockname(socket, (struct sockaddr *)&bound, &size) != 0) {
    return 0;
  }
  return ntohs(*port_of((struct sockaddr *)&bound));
}

static net_socket listen_on(const struct addrinfo *address) {
  net_socket made = open_socket(address);
  const int on = 1;
  if (made == NET_NO_SOCKET) {
    return made;
  }
#ifndef _WIN32
  /* On Windows this would let another program take the port. */
  (void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
#endif
  if (address->ai_family == AF_INET6) {
    /* IPv4 has a listener of its own. */
    (void)setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, (const void *)&on, sizeof on);
  }
  if (bind(made, address->ai_addr, (socklen_t)address->ai_addrlen) != 0 || listen(made, 16) != 0) {
    net_close(made);
    return NET_NO_SOCKET;
  }
  return made;
}

size_t net_listen(const char *host, const char *port, net_socket *sockets, size_t max) {
  struct addrinfo *list = look_up(host, port, AI_PASSIVE);
  size_t count = 0;
  for (struct addrinfo *at = list; at != NULL && count < max; at = at->ai_next) {
    if (count > 0) {
      *port_of(at->ai_addr) = htons((uint16_t)net_port(sockets[0]));
    }
    sockets[count] = listen_on(at);
    count += sockets[count] != NET_NO_SOCKET;
  }
  if (list != NULL) {
    freeaddrinfo(list);
  }
  return count;
}

net_socket net_accept(net_socket listener) {
  net_socket accepted = accept(listener, NULL, NULL);
  if (accepted != NET_NO_SOCKET && prepare(accepted) != 0) {
    net_close(accepted);
    return NET_NO_SOCKET;
  }
  return accepted;
}

/* What a call that moves bytes came to; len is what it returned. */
static net_result moved(long long len, size_t *out) {
  if (len >= 0) {
    *out = (size_t)len;
    return NET_MOVED;
  }
  *out = 0;
  return NET_WAITS(net_error()) || NET_INTERRUPTED(net_error()) ? NET_WOULD_WAIT : NET_GONE;
}

/* One call moves what the system takes, which may be less than is there; more than this gains nothing. */
#define NET_MOST ((size_t)1 << 20)

net_result net_send(net_socket socket, const uint8_t *data, size_t len, size_t *sent) {
  const size_t most = len < NET_MOST ? len : NET_MOST;
#ifdef _WIN32
  return moved(send(socket, (const char *)data, (int)most, NET_SEND_FLAGS), sent);
#else
  return moved(send(socket, data, most, NET_SEND_FLAGS), sent);
#endif
}

net_result net_receive(net_socket socket, uint8_t *buffer, size_t capacity, size_t *received) {
  const size_t most = capacity < NET_MOST ? capacity : NET_MOST;
#ifdef _WIN32
  const net_result result = moved(recv(socket, (char *)buffer, (int)most, 0), received);
#else
  const net_result result = moved(recv(socket, buffer, most, 0), received);
#endif
  return result == NET_MOVED && *received == 0 ? NET_END : result;
}
