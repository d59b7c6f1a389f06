// The section "Secimg" of Orthanc's configuration, and the environment variables that stand above it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

struct Settings {
    // From Orthanc's own configuration.
    std::filesystem::path storageDirectory;
    bool sync = true;

    std::vector<std::filesystem::path> recipients;
    std::vector<std::filesystem::path> identities;
    std::filesystem::path passphraseFile;
    std::filesystem::path signer;
    std::filesystem::path signerPassphraseFile;
    std::vector<std::filesystem::path> trustedSigners;
    std::string context;
    uint32_t chunkLog2 = 14;
    uint32_t cachedReaders = 16;
    bool allowClear = true;
    bool allowMixing = false;
};

// Reads `configuration`, which is JSON, then the environment. Paths in the JSON are counted from
// `folder`, as Orthanc counts its own. Throws Failure where anything is not understood.
Settings readSettings(const std::string &configuration, const std::filesystem::path &folder);
