// What was stored and read, counted since the plugin was loaded.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

struct Statistics {
    std::atomic<uint64_t> storedFiles{0};
    std::atomic<uint64_t> storedBytes{0};
    std::atomic<uint64_t> sealedBytes{0};
    std::atomic<uint64_t> wholeReads{0};
    std::atomic<uint64_t> wholeBytes{0};
    std::atomic<uint64_t> rangeReads{0};
    std::atomic<uint64_t> rangeBytes{0};
    // Content that was decrypted for ranges; for a file that is read whole it is the file.
    std::atomic<uint64_t> rangeDecryptedBytes{0};
    // Of the range reads, those that found a reader open.
    std::atomic<uint64_t> cacheHits{0};
    std::atomic<uint64_t> clearReads{0};
    std::atomic<uint64_t> removedFiles{0};
    std::atomic<uint64_t> failures{0};

    // A JSON object.
    std::string json() const;
};
