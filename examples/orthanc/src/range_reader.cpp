#include "range_reader.hpp"

#include "stored_stream.hpp"

#include <algorithm>

RangeReader::RangeReader(StoredFile file, const secimg_open_options *options, const std::string &uuid)
    : source_(std::make_unique<Source>(Source{std::move(file)})) {
    secimg_source source{};
    source.struct_size = sizeof source;
    source.userdata = source_.get();
    source.length = source_->file.size();
    source.read = readSource;
    source.seek = seekSource;
    reader_ = make<Reader>(secimg_reader_open, options, &source);
    checkStored(uuid, secimg_reader_item_count(reader_.get()), secimg_reader_manifest(reader_.get()));
}

void RangeReader::read(uint64_t start, uint8_t *buffer, size_t len) {
    size_t read = 0;
    check(secimg_reader_read_at(reader_.get(), start, buffer, len, &read));
    if (read != len) {
        throw Failure(OrthancPluginErrorCode_BadRange, "a range goes beyond the end of the file");
    }
}

int32_t RangeReader::readSource(void *userdata, uint8_t *buffer, size_t capacity, size_t *read) noexcept {
    auto *source = static_cast<Source *>(userdata);
    try {
        *read = source->file.readAt(source->offset, buffer, capacity);
        source->offset += *read;
        return 0;
    } catch (const std::exception &) {
        return 1;
    }
}

int32_t RangeReader::seekSource(void *userdata, uint64_t offset) noexcept {
    static_cast<Source *>(userdata)->offset = offset;
    return 0;
}

std::unique_ptr<RangeReader> ReaderCache::take(const std::string &uuid) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry &entry) { return entry.first == uuid; });
    if (found == entries_.end()) {
        return nullptr;
    }
    std::unique_ptr<RangeReader> reader = std::move(found->second);
    entries_.erase(found);
    return reader;
}

void ReaderCache::give(const std::string &uuid, std::unique_ptr<RangeReader> reader) {
    // What falls out is closed and wiped when the lock is given back.
    std::list<Entry> fallen;
    const std::lock_guard<std::mutex> lock(mutex_);
    // One whose file was removed meanwhile would hold its space on the disk.
    if (!reader->isLinked()) {
        return;
    }
    entries_.emplace_front(uuid, std::move(reader));
    if (entries_.size() > capacity_) {
        fallen.splice(fallen.begin(), entries_, std::prev(entries_.end()));
    }
}

void ReaderCache::drop(const std::string &uuid) {
    std::list<Entry> dropped;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto next = std::next(at);
        if (at->first == uuid) {
            dropped.splice(dropped.begin(), entries_, at);
        }
        at = next;
    }
}
