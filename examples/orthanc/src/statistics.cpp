#include "statistics.hpp"

#include <utility>

std::string Statistics::json() const {
    const std::pair<const char *, uint64_t> all[] = {
        {"StoredFiles", storedFiles},   {"StoredBytes", storedBytes},
        {"SealedBytes", sealedBytes},   {"WholeReads", wholeReads},
        {"WholeBytes", wholeBytes},     {"RangeReads", rangeReads},
        {"RangeBytes", rangeBytes},     {"RangeDecryptedBytes", rangeDecryptedBytes},
        {"CacheHits", cacheHits},       {"ClearReads", clearReads},
        {"RemovedFiles", removedFiles}, {"Failures", failures},
    };
    std::string text;
    for (const auto &[name, value] : all) {
        text += (text.empty() ? "{\"" : ", \"") + std::string(name) + "\": " + std::to_string(value);
    }
    return text + "}";
}
