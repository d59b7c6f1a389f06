/* The little of sockets that both programs need, for POSIX and for Windows. Nothing in here knows secimg: it stands
 * for the sockets that an application has anyway.
 *
 * Include it before any system header: it chooses the interfaces. */
#ifndef EXAMPLE_NET_H
#define EXAMPLE_NET_H

#ifdef _WIN32
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601 /* WSAPoll */
#endif
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>
typedef SOCKET net_socket;
typedef WSAPOLLFD net_pollfd;
#define NET_NO_SOCKET INVALID_SOCKET
#else
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <poll.h>
typedef int net_socket;
typedef struct pollfd net_pollfd;
#define NET_NO_SOCKET (-1)
#endif

#include <stddef.h>
#include <stdint.h>

typedef enum net_result {
  NET_MOVED,      /* at least one byte was moved */
  NET_WOULD_WAIT, /* nothing can be moved now: wait with net_poll */
  NET_END,        /* the peer said that nothing more comes (receiving only) */
  NET_GONE        /* the connection is broken: EPIPE, ECONNRESET and their like */
} net_result;

/* Windows wants sockets to be started. 0: done. */
int net_start(void);
void net_stop(void);

/* Milliseconds of a clock that never jumps. */
uint64_t net_now(void);

/* Tries the addresses of a host in turn. NET_NO_SOCKET: none of them answered in time. */
net_socket net_connect(const char *host, const char *port, uint64_t timeout_ms);

/* Listens on the addresses of a host (NULL: on all of this machine), up to max of them; all on one port, also where
 * port is "0". Returns how many. */
size_t net_listen(const char *host, const char *port, net_socket *sockets, size_t max);
unsigned net_port(net_socket socket);

/* NET_NO_SOCKET: nobody waits any more. */
net_socket net_accept(net_socket listener);

net_result net_send(net_socket socket, const uint8_t *data, size_t len, size_t *sent);
net_result net_receive(net_socket socket, uint8_t *buffer, size_t capacity, size_t *received);

/* Waits for one of the events, until a deadline of net_now. Returns 0 when the time is over, and maybe earlier (a
 * signal came): look at the clock. */
int net_poll(net_pollfd *fds, size_t count, uint64_t deadline);

/* Nothing more will be sent; the peer reads the end. */
void net_end(net_socket socket);
void net_close(net_socket socket);

#endif
