#include "settings.hpp"

#include "failure.hpp"

#include <json/json.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

namespace fs = std::filesystem;

namespace {

constexpr uint32_t MIN_CHUNK_LOG2 = 12;
constexpr uint32_t MAX_CHUNK_LOG2 = 23;
constexpr uint32_t MAX_CACHED_READERS = 4096;

[[noreturn]] void refuse(const std::string &option, const std::string &expected) {
    throw Failure(OrthancPluginErrorCode_BadParameterType, "the option " + option + " must be " + expected);
}

Json::Value parse(const std::string &text) {
    const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
    Json::Value root;
    if (!reader->parse(text.data(), text.data() + text.size(), &root, nullptr) || !root.isObject()) {
        throw Failure(OrthancPluginErrorCode_BadJson, "Orthanc's configuration is not a JSON object");
    }
    return root;
}

// One value of an option, wherever it comes from.
class Value {
public:
    Value(std::string option, Json::Value json, fs::path folder)
        : option_(std::move(option)), json_(std::move(json)), folder_(std::move(folder)) {}

    std::string text() const { return text(json_); }
    fs::path path() const { return path(json_); }

    std::vector<fs::path> paths() const {
        if (json_.isString()) {
            return {path(json_)};
        }
        if (!json_.isArray()) {
            refuse(option_, "a path or a list of paths");
        }
        std::vector<fs::path> all;
        for (const Json::Value &one : json_) {
            all.push_back(path(one));
        }
        return all;
    }

    bool truth() const {
        if (!json_.isBool()) {
            refuse(option_, "true or false");
        }
        return json_.asBool();
    }

    uint32_t number(uint32_t max) const {
        if (!json_.isUInt() || json_.asUInt() > max) {
            refuse(option_, "a number up to " + std::to_string(max));
        }
        return json_.asUInt();
    }

    uint32_t log2() const {
        const uint32_t bytes = number(1U << MAX_CHUNK_LOG2);
        for (uint32_t log2 = MIN_CHUNK_LOG2; log2 <= MAX_CHUNK_LOG2; ++log2) {
            if (bytes == 1U << log2) {
                return log2;
            }
        }
        refuse(option_, "a power of two from 4096 to 8388608");
    }

private:
    std::string text(const Json::Value &json) const {
        if (!json.isString()) {
            refuse(option_, "text");
        }
        return json.asString();
    }
    fs::path path(const Json::Value &json) const {
        const fs::path given = text(json);
        if (given.empty()) {
            refuse(option_, "a path, not empty text");
        }
        return folder_ / given;
    }

    std::string option_;
    Json::Value json_;
    fs::path folder_;
};

enum class Kind { Text, Paths, Json };

struct Option {
    const char *variable;
    // How the environment writes it: as it is, separated by colons, or as JSON (numbers, true, false).
    Kind kind;
    std::function<void(Settings &, const Value &)> set;
};

const std::map<std::string, Option> &options() {
    static const std::map<std::string, Option> all = {
        {"Recipients",
         {"SECIMG_ORTHANC_RECIPIENTS", Kind::Paths, [](Settings &s, const Value &v) { s.recipients = v.paths(); }}},
        {"Identities",
         {"SECIMG_ORTHANC_IDENTITIES", Kind::Paths, [](Settings &s, const Value &v) { s.identities = v.paths(); }}},
        {"PassphraseFile",
         {"SECIMG_ORTHANC_PASSPHRASE_FILE", Kind::Text,
          [](Settings &s, const Value &v) { s.passphraseFile = v.path(); }}},
        {"Signer", {"SECIMG_ORTHANC_SIGNER", Kind::Text, [](Settings &s, const Value &v) { s.signer = v.path(); }}},
        {"SignerPassphraseFile",
         {"SECIMG_ORTHANC_SIGNER_PASSPHRASE_FILE", Kind::Text,
          [](Settings &s, const Value &v) { s.signerPassphraseFile = v.path(); }}},
        {"TrustedSigners",
         {"SECIMG_ORTHANC_TRUSTED_SIGNERS", Kind::Paths,
          [](Settings &s, const Value &v) { s.trustedSigners = v.paths(); }}},
        {"Context", {"SECIMG_ORTHANC_CONTEXT", Kind::Text, [](Settings &s, const Value &v) { s.context = v.text(); }}},
        {"ChunkSize",
         {"SECIMG_ORTHANC_CHUNK_SIZE", Kind::Json, [](Settings &s, const Value &v) { s.chunkLog2 = v.log2(); }}},
        {"CachedReaders",
         {"SECIMG_ORTHANC_CACHED_READERS", Kind::Json,
          [](Settings &s, const Value &v) { s.cachedReaders = v.number(MAX_CACHED_READERS); }}},
        {"AllowClear",
         {"SECIMG_ORTHANC_ALLOW_CLEAR", Kind::Json, [](Settings &s, const Value &v) { s.allowClear = v.truth(); }}},
        {"AllowMixing",
         {"SECIMG_ORTHANC_ALLOW_MIXING", Kind::Json, [](Settings &s, const Value &v) { s.allowMixing = v.truth(); }}},
    };
    return all;
}

Json::Value listOf(const std::string &text) {
    Json::Value list(Json::arrayValue);
    size_t start = 0;
    while (start <= text.size()) {
        const size_t end = std::min(text.find(':', start), text.size());
        list.append(text.substr(start, end - start));
        start = end + 1;
    }
    return list;
}

Json::Value scalarOf(const std::string &text) {
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    builder["strictRoot"] = false;
    const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
    Json::Value value;
    // What does not parse stays null, which no option takes.
    return reader->parse(text.data(), text.data() + text.size(), &value, nullptr) ? value : Json::Value();
}

Json::Value fromEnvironment(Kind kind, const std::string &text) {
    switch (kind) {
    case Kind::Paths:
        return listOf(text);
    case Kind::Json:
        return scalarOf(text);
    default:
        return text;
    }
}

void readSection(Settings &settings, const Json::Value &section, const fs::path &folder) {
    if (!section.isObject()) {
        refuse("Secimg", "a section");
    }
    for (const std::string &name : section.getMemberNames()) {
        const auto found = options().find(name);
        // A misspelt option would be one that does not protect.
        if (found == options().end()) {
            throw Failure(OrthancPluginErrorCode_ParameterOutOfRange, "the section Secimg has no option " + name);
        }
        found->second.set(settings, Value(name, section[name], folder));
    }
}

void readEnvironment(Settings &settings) {
    for (const auto &[name, option] : options()) {
        const char *text = std::getenv(option.variable);
        if (text != nullptr && *text != '\0') {
            option.set(settings, Value(option.variable, fromEnvironment(option.kind, text), fs::current_path()));
        }
    }
}

} // namespace

Settings readSettings(const std::string &configuration, const fs::path &folder) {
    const Json::Value root = parse(configuration);
    Settings settings;
    settings.storageDirectory =
        Value("StorageDirectory", root.get("StorageDirectory", "OrthancStorage"), folder).path();
    settings.sync = Value("SyncStorageArea", root.get("SyncStorageArea", true), folder).truth();
    if (root.isMember("Secimg")) {
        readSection(settings, root["Secimg"], folder);
    }
    readEnvironment(settings);
    return settings;
}
