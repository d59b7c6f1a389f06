#include "buffer.hpp"

#include "failure.hpp"

#include <cstring>

OrthancBuffer::~OrthancBuffer() {
    if (buffer_.data != nullptr) {
        secimg_memzero(buffer_.data, static_cast<size_t>(buffer_.size));
        OrthancPluginFreeMemoryBuffer64(context_, &buffer_);
    }
}

void OrthancBuffer::allocate(uint64_t capacity) {
    if (OrthancPluginCreateMemoryBuffer64(context_, &buffer_, capacity) != OrthancPluginErrorCode_Success) {
        buffer_ = {nullptr, 0};
        throw Failure(OrthancPluginErrorCode_NotEnoughMemory, "no memory for " + std::to_string(capacity) + " bytes");
    }
}

uint8_t *OrthancBuffer::place(size_t len) {
    if (len > buffer_.size - used_) {
        throw Failure(OrthancPluginErrorCode_CorruptedFile, "the file is longer than it was when it was opened");
    }
    return static_cast<uint8_t *>(buffer_.data) + used_;
}

void OrthancBuffer::append(const uint8_t *data, size_t len) {
    if (len > 0) {
        std::memcpy(place(len), data, len);
        used_ += len;
    }
}

OrthancPluginMemoryBuffer64 OrthancBuffer::release() noexcept {
    // What was allocated beyond the file's length stays with the memory, which is freed whole.
    const OrthancPluginMemoryBuffer64 released = {buffer_.data, used_};
    buffer_ = {nullptr, 0};
    return released;
}
