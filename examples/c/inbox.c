#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif

#include "inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

#define STORAGE_FULL "the image cannot be written"

void inbox_init(inbox *box) {
  box->images = NULL;
  box->count = 0;
  box->file = -1;
}

/* ------------------------------------------------------------------ the system */

#ifdef _WIN32
static int create_exclusive(const char *path) {
  return _open(path, _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
}

static long long write_some(int file, const uint8_t *data, size_t len) {
  return _write(file, data, len < INT_MAX ? (unsigned)len : INT_MAX);
}

static int to_disk(int file) { return _commit(file); }
static int close_file(int file) { return _close(file); }
static int remove_file(const char *path) { return _unlink(path); }
static int process_id(void) { return _getpid(); }

/* Gives a file its name. Fails where the name is taken. */
static int publish(const char *temporary, const char *name) {
  wchar_t from[64];
  wchar_t to[INBOX_NAME_MAX];
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, temporary, -1, from, 64) == 0 ||
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, to, INBOX_NAME_MAX) == 0) {
    return -1;
  }
  return MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH) ? 0 : -1;
}

static void names_to_disk(void) { /* MOVEFILE_WRITE_THROUGH did it */ }
#else
static int create_exclusive(const char *path) {
  return open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
}

static long long write_some(int file, const uint8_t *data, size_t len) { return write(file, data, len); }

/* Until now nobody else could read the image; from now on the umask decides, as for any file. */
static int to_disk(int file) {
  const mode_t mask = umask(0);
  (void)umask(mask);
  const mode_t mode = (S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH) & ~mask;
  return fchmod(file, mode) == 0 ? fsync(file) : -1;
}

static int close_file(int file) { return close(file); }
static int remove_file(const char *path) { return unlink(path); }
static int process_id(void) { return (int)getpid(); }

/* Gives a file its name. A rename would replace what has the name already; a link does not. */
static int publish(const char *temporary, const char *name) {
  if (link(temporary, name) != 0) {
    return -1;
  }
  (void)unlink(temporary);
  return 0;
}

static void names_to_disk(void) {
  const int folder = open(".", O_RDONLY | O_CLOEXEC);
  if (folder >= 0) {
    (void)fsync(folder);
    (void)close(folder);
  }
}
#endif

/* ------------------------------------------------------------------ the inbox */

const char *inbox_begin(inbox *box, const char *name) {
  static unsigned long number;
  inbox_image *grown = realloc(box->images, (box->count + 1) * sizeof *grown);
  if (grown == NULL || strlen(name) >= INBOX_NAME_MAX) {
    return "no memory for another image";
  }
  box->images = grown;
  inbox_image *image = &grown[box->count];
  (void)snprintf(image->temporary, sizeof image->temporary, ".receive_image-%d-%lu.part", process_id(), number++);
  memcpy(image->name, name, strlen(name) + 1);
  box->file = create_exclusive(image->temporary);
  if (box->file < 0) {
    return "a temporary file cannot be made";
  }
  box->count++;
  return NULL;
}

const char *inbox_write(inbox *box, const uint8_t *data, size_t len) {
  while (len > 0) {
    const long long written = write_some(box->file, data, len);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return STORAGE_FULL;
    }
    data += written;
    len -= (size_t)written;
  }
  return NULL;
}

const char *inbox_end(inbox *box) {
  const int synced = to_disk(box->file);
  const int closed = close_file(box->file);
  box->file = -1;
  return synced == 0 && closed == 0 ? NULL : STORAGE_FULL;
}

static void forget(inbox *box) {
  free(box->images);
  inbox_init(box);
}

const char *inbox_publish(inbox *box) {
  for (size_t i = 0; i < box->count; i++) {
    if (publish(box->images[i].temporary, box->images[i].name) != 0) {
      /* All of a stream or nothing of it. */
      for (size_t made = 0; made < i; made++) {
        (void)remove_file(box->images[made].name);
      }
      return "a name is taken already, or cannot be used here";
    }
  }
  names_to_disk();
  forget(box);
  return NULL;
}

void inbox_discard(inbox *box) {
  if (box->file >= 0) {
    (void)close_file(box->file);
  }
  for (size_t i = 0; i < box->count; i++) {
    (void)remove_file(box->images[i].temporary);
  }
  forget(box);
}
