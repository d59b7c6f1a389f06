// One file of the storage area as one sealed stream.
#pragma once

#include "buffer.hpp"
#include "files.hpp"
#include "handles.hpp"

#include <string>

// Whether a file is, or once was, a sealed stream. A few damaged bytes at its beginning do not make it a
// clear one, or its ciphertext would be served as if it were an image.
bool looksSealed(const StoredFile &file);

// Seals `data` under the name `uuid` into `file`. Returns the length of the stream.
uint64_t sealInto(NewFile &file, const secimg_seal_options *options, const std::string &uuid, const uint8_t *data,
                  uint64_t size);

// Opens all of a stream into `target`, and returns when everything is verified.
void openWhole(const StoredFile &file, const secimg_open_options *options, const std::string &uuid,
               OrthancBuffer &target);

// Throws unless a stream has one item, whose name is `uuid`: otherwise whoever can write into the storage
// area could put one patient's file in another's place.
void checkStored(const std::string &uuid, size_t items, const secimg_manifest *manifest);
