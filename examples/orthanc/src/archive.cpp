#include "archive.hpp"

#include "stored_stream.hpp"

namespace fs = std::filesystem;

Archive::Archive(const Settings &settings, Keys keys)
    : settings_(settings), keys_(std::move(keys)), readers_(settings.cachedReaders) {
    std::error_code error;
    fs::create_directories(settings_.storageDirectory, error);
    if (error) {
        throw Failure(OrthancPluginErrorCode_MakeDirectory,
                      "cannot make " + settings_.storageDirectory.string() + ": " + error.message());
    }
}

void Archive::create(const std::string &uuid, const uint8_t *data, uint64_t size) {
    NewFile file(pathOf(uuid), settings_.sync);
    const uint64_t sealed = sealInto(file, keys_.seal.get(), uuid, data, size);
    file.commit();
    statistics_.storedFiles += 1;
    statistics_.storedBytes += size;
    statistics_.sealedBytes += sealed;
}

void Archive::readWhole(const std::string &uuid, OrthancBuffer &target) {
    const StoredFile file(pathOf(uuid));
    if (isSealed(file, uuid)) {
        openWhole(file, openOptions(), uuid, target);
    } else {
        target.allocate(file.size());
        target.appendWith(static_cast<size_t>(file.size()), [&](uint8_t *where, size_t len) {
            readClear(file, 0, where, len);
            return len;
        });
    }
    statistics_.wholeReads += 1;
    statistics_.wholeBytes += target.used();
}

void Archive::readRange(const std::string &uuid, uint64_t start, uint8_t *buffer, size_t len) {
    std::unique_ptr<RangeReader> reader = readers_.take(uuid);
    uint64_t before = 0;
    if (reader) {
        statistics_.cacheHits += 1;
        before = reader->decrypted();
    } else {
        StoredFile file(pathOf(uuid));
        if (!isSealed(file, uuid)) {
            readClear(file, start, buffer, len);
        } else {
            reader = openRange(std::move(file), uuid);
        }
    }
    if (reader) {
        reader->read(start, buffer, len);
        statistics_.rangeDecryptedBytes += reader->decrypted() - before;
        readers_.give(uuid, std::move(reader));
    }
    statistics_.rangeReads += 1;
    statistics_.rangeBytes += len;
}

void Archive::remove(const std::string &uuid) {
    readers_.drop(uuid);
    removeStored(pathOf(uuid));
    statistics_.removedFiles += 1;
}

bool Archive::isSealed(const StoredFile &file, const std::string &uuid) const {
    const bool sealed = looksSealed(file);
    if (!sealed && !settings_.allowClear) {
        throw Failure(OrthancPluginErrorCode_CorruptedFile, uuid + " is not sealed, and AllowClear is false");
    }
    return sealed;
}

const secimg_open_options *Archive::openOptions() const {
    if (!keys_.open) {
        throw Failure(OrthancPluginErrorCode_StorageAreaPlugin, "it is sealed, and there is no private key here");
    }
    return keys_.open.get();
}

std::unique_ptr<RangeReader> Archive::openRange(StoredFile file, const std::string &uuid) const {
    return std::make_unique<RangeReader>(std::move(file), openOptions(), uuid);
}

void Archive::readClear(const StoredFile &file, uint64_t start, uint8_t *buffer, size_t len) {
    if (file.readAt(start, buffer, len) != len) {
        throw Failure(OrthancPluginErrorCode_BadRange, "a range goes beyond the end of the file");
    }
    statistics_.clearReads += 1;
}
