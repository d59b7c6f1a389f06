// Memory of Orthanc's that a file is read into.
#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <cstddef>
#include <cstdint>

// Is wiped and freed unless it is released: what was not verified to its end is nobody's.
class OrthancBuffer {
public:
    explicit OrthancBuffer(OrthancPluginContext *context) noexcept : context_(context) {}
    OrthancBuffer(const OrthancBuffer &) = delete;
    OrthancBuffer &operator=(const OrthancBuffer &) = delete;
    ~OrthancBuffer();

    void allocate(uint64_t capacity);
    // Throws where it does not fit in.
    void append(const uint8_t *data, size_t len);
    // Reads `len` bytes more with `fill(where, len)`, which returns how many there were.
    template <class Fill> void appendWith(size_t len, Fill fill) { used_ += fill(place(len), len); }

    uint64_t used() const noexcept { return used_; }
    OrthancPluginMemoryBuffer64 release() noexcept;

private:
    uint8_t *place(size_t len);

    OrthancPluginContext *context_;
    OrthancPluginMemoryBuffer64 buffer_ = {nullptr, 0};
    uint64_t used_ = 0;
};
