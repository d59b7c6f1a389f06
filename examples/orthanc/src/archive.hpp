// The storage area: what Orthanc asks for, answered with sealed files.
#pragma once

#include "buffer.hpp"
#include "keys.hpp"
#include "range_reader.hpp"
#include "settings.hpp"
#include "statistics.hpp"

#include <string>

// All functions may be called by several threads at once. They throw Failure.
class Archive {
public:
    Archive(const Settings &settings, Keys keys);

    void create(const std::string &uuid, const uint8_t *data, uint64_t size);
    // What it gives is verified: the whole stream was read, its digest and, where required, its signature hold.
    void readWhole(const std::string &uuid, OrthancBuffer &target);
    // What it gives is authentic: a holder of the stream's key made it. With trusted signers it is what they signed.
    void readRange(const std::string &uuid, uint64_t start, uint8_t *buffer, size_t len);
    void remove(const std::string &uuid);

    Statistics &statistics() noexcept { return statistics_; }

private:
    std::filesystem::path pathOf(const std::string &uuid) const { return storedPath(settings_.storageDirectory, uuid); }
    bool isSealed(const StoredFile &file, const std::string &uuid) const;
    const secimg_open_options *openOptions() const;
    std::unique_ptr<RangeReader> openRange(StoredFile file, const std::string &uuid) const;
    void readClear(const StoredFile &file, uint64_t start, uint8_t *buffer, size_t len);

    Settings settings_;
    Keys keys_;
    ReaderCache readers_;
    Statistics statistics_;
};
