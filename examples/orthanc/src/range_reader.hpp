// Ranges of one sealed file, and readers that are kept open for the next range.
#pragma once

#include "files.hpp"
#include "handles.hpp"

#include <list>
#include <mutex>
#include <string>
#include <utility>

// Opens only the chunks that a range lies in. Used by one thread at a time.
class RangeReader {
public:
    // Throws where the stream does not hold exactly the file that Orthanc calls `uuid`.
    RangeReader(StoredFile file, const secimg_open_options *options, const std::string &uuid);

    // Fills the buffer, or throws.
    void read(uint64_t start, uint8_t *buffer, size_t len);
    // Content that was decrypted so far: whole chunks.
    uint64_t decrypted() const noexcept { return secimg_reader_decrypted_bytes(reader_.get()); }
    bool isLinked() const noexcept { return source_->file.isLinked(); }

private:
    struct Source {
        StoredFile file;
        uint64_t offset = 0;
    };
    static int32_t readSource(void *userdata, uint8_t *buffer, size_t capacity, size_t *read) noexcept;
    static int32_t seekSource(void *userdata, uint64_t offset) noexcept;

    // Must outlive the reader, so it stands before it.
    std::unique_ptr<Source> source_;
    Reader reader_;
};

// The readers that were used last. One that is at work is not in here, so that two threads never share one.
class ReaderCache {
public:
    explicit ReaderCache(size_t capacity) : capacity_(capacity) {}

    // Returns null where there is none.
    std::unique_ptr<RangeReader> take(const std::string &uuid);
    void give(const std::string &uuid, std::unique_ptr<RangeReader> reader);
    void drop(const std::string &uuid);

private:
    using Entry = std::pair<std::string, std::unique_ptr<RangeReader>>;

    std::mutex mutex_;
    size_t capacity_;
    // The most recently used is the first.
    std::list<Entry> entries_;
};
