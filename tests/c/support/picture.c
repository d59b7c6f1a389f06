/* PNGs without a library: not compressed, which every decoder takes. */
#include "support.h"

#include <string.h>

#define SIGNATURE_LEN 8
#define HEADER_LEN 25 /* IHDR, with its length, kind and CRC */

static uint32_t crc_of(const uint8_t *data, size_t len) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < len; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
  }
  return ~crc;
}

static uint32_t adler_of(bytes data) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < data.len; i++) {
    a = (a + data.data[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

static void append_number(bytes *to, uint32_t number) {
  const uint8_t four[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
  append(to, four, sizeof four);
}

static void append_chunk(bytes *png, const char *kind, bytes data) {
  const size_t at = png->len + 4;
  append_number(png, (uint32_t)data.len);
  append(png, (const uint8_t *)kind, 4);
  append(png, data.data, data.len);
  append_number(png, crc_of(png->data + at, 4 + data.len));
}

void insert_chunk(bytes *png, const char *kind, bytes data) {
  const size_t at = SIGNATURE_LEN + HEADER_LEN;
  bytes whole = copy_of(png->data, at);
  append_chunk(&whole, kind, data);
  append(&whole, png->data + at, png->len - at);
  bytes_drop(png);
  *png = whole;
}

/* A zlib stream of one block that is stored as it is (RFC 1950, RFC 1951). */
static bytes stored(bytes raw) {
  const uint16_t len = (uint16_t)raw.len;
  const uint16_t other = (uint16_t)~len;
  const uint8_t front[] = {0x78, 0x01, 0x01, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)other, (uint8_t)(other >> 8)};
  MUST(raw.len == len);
  bytes made = copy_of(front, sizeof front);
  append(&made, raw.data, raw.len);
  append_number(&made, adler_of(raw));
  return made;
}

static bytes png_of(uint32_t width, uint32_t height, bytes samples) {
  static const uint8_t signature[SIGNATURE_LEN] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  static const uint8_t kind[] = {8, 2, 0, 0, 0}; /* 8 bits, RGB */
  const size_t row = (size_t)width * 3;
  bytes header = bytes_of(0), rows = bytes_of(0);
  append_number(&header, width);
  append_number(&header, height);
  append(&header, kind, sizeof kind);
  for (uint32_t y = 0; y < height; y++) {
    append(&rows, (const uint8_t *)"", 1); /* no filter */
    append(&rows, samples.data + y * row, row);
  }
  bytes packed = stored(rows);
  bytes end = bytes_of(0);
  bytes png = copy_of(signature, sizeof signature);
  append_chunk(&png, "IHDR", header);
  append_chunk(&png, "IDAT", packed);
  append_chunk(&png, "IEND", end);
  bytes_drop(&end);
  bytes_drop(&packed);
  bytes_drop(&rows);
  bytes_drop(&header);
  return png;
}

bytes noise_png(uint32_t width, uint32_t height, uint32_t seed) {
  return noise_png_with(width, height, seed, SIZE_MAX);
}

bytes noise_png_with(uint32_t width, uint32_t height, uint32_t seed, size_t changed) {
  bytes samples = pattern((size_t)width * height * 3, seed);
  if (changed < samples.len) {
    samples.data[changed] ^= 1;
  }
  bytes png = png_of(width, height, samples);
  bytes_drop(&samples);
  return png;
}
