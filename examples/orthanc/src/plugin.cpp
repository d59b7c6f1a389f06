// What Orthanc calls: the plugin's four functions, the storage area and one REST route.

#include "archive.hpp"

#include <orthanc/OrthancCPlugin.h>

#include <memory>
#include <new>

namespace {

constexpr const char *NAME = "secimg-storage";

OrthancPluginContext *orthanc = nullptr;
std::unique_ptr<Archive> archive;

void logError(const std::string &text) { OrthancPluginLogError(orthanc, ("secimg: " + text).c_str()); }
void logWarning(const std::string &text) { OrthancPluginLogWarning(orthanc, ("secimg: " + text).c_str()); }

// No exception may reach Orthanc, which is on the other side of a C interface.
template <class Action> OrthancPluginErrorCode guarded(const std::string &what, Action action) noexcept {
    try {
        action();
        return OrthancPluginErrorCode_Success;
    } catch (const Failure &failure) {
        logError(what + ": " + failure.what());
        return failure.code();
    } catch (const std::bad_alloc &) {
        logError(what + ": no memory");
        return OrthancPluginErrorCode_NotEnoughMemory;
    } catch (const std::exception &exception) {
        logError(what + ": " + exception.what());
        return OrthancPluginErrorCode_StorageAreaPlugin;
    }
}

template <class Action> OrthancPluginErrorCode onFile(const char *verb, const char *uuid, Action action) noexcept {
    const OrthancPluginErrorCode code = guarded(std::string("cannot ") + verb + " " + uuid, action);
    if (code != OrthancPluginErrorCode_Success) {
        archive->statistics().failures += 1;
    }
    return code;
}

OrthancPluginErrorCode create(const char *uuid, const void *content, int64_t size, OrthancPluginContentType) {
    return onFile("store", uuid, [&] {
        if (size < 0) {
            throw Failure(OrthancPluginErrorCode_ParameterOutOfRange, "its length is negative");
        }
        archive->create(uuid, static_cast<const uint8_t *>(content), static_cast<uint64_t>(size));
    });
}

OrthancPluginErrorCode readWhole(OrthancPluginMemoryBuffer64 *target, const char *uuid, OrthancPluginContentType) {
    return onFile("read", uuid, [&] {
        OrthancBuffer buffer(orthanc);
        archive->readWhole(uuid, buffer);
        *target = buffer.release();
    });
}

OrthancPluginErrorCode readRange(OrthancPluginMemoryBuffer64 *target, const char *uuid, OrthancPluginContentType,
                                 uint64_t start) {
    return onFile("read a range of", uuid, [&] {
        archive->readRange(uuid, start, static_cast<uint8_t *>(target->data), static_cast<size_t>(target->size));
    });
}

OrthancPluginErrorCode removeFile(const char *uuid, OrthancPluginContentType) {
    return onFile("remove", uuid, [&] { archive->remove(uuid); });
}

OrthancPluginErrorCode serveStatistics(OrthancPluginRestOutput *output, const char *,
                                       const OrthancPluginHttpRequest *request) {
    return guarded("statistics", [&] {
        if (request->method != OrthancPluginHttpMethod_Get) {
            OrthancPluginSendMethodNotAllowed(orthanc, output, "GET");
            return;
        }
        const std::string text = archive->statistics().json() + "\n";
        OrthancPluginAnswerBuffer(orthanc, output, text.data(), static_cast<uint32_t>(text.size()), "application/json");
    });
}

std::string takeText(char *text) {
    const std::string taken = text == nullptr ? "" : text;
    OrthancPluginFreeString(orthanc, text);
    return taken;
}

// Orthanc counts relative paths from the folder of its configuration.
std::filesystem::path configurationFolder() {
    const std::filesystem::path path = takeText(OrthancPluginGetConfigurationPath(orthanc));
    if (path.empty()) {
        return std::filesystem::current_path();
    }
    const std::filesystem::path whole = std::filesystem::absolute(path);
    return std::filesystem::is_directory(whole) ? whole : whole.parent_path();
}

void start() {
    if (secimg_abi_version() != SECIMG_ABI_VERSION) {
        throw Failure(OrthancPluginErrorCode_SharedLibrary, "libsecimg has another ABI than the plugin was built for");
    }
    const Settings settings = readSettings(takeText(OrthancPluginGetConfiguration(orthanc)), configurationFolder());
    Keys keys = loadKeys(settings);
    for (const std::string &notice : keys.notices) {
        logWarning(notice);
    }
    for (const std::string &warning : keys.warnings) {
        logWarning(warning);
    }
    archive = std::make_unique<Archive>(settings, std::move(keys));
}

} // namespace

extern "C" {

ORTHANC_PLUGINS_API int32_t OrthancPluginInitialize(OrthancPluginContext *context) {
    orthanc = context;
    if (OrthancPluginCheckVersion(context) == 0) {
        logError(std::string("this plugin needs Orthanc 1.10.1 or later, not ") + context->orthancVersion);
        return -1;
    }
    if (guarded("not started", start) != OrthancPluginErrorCode_Success) {
        return -1;
    }
    OrthancPluginSetDescription(context, "Seals the storage area for the owners of public keys.");
    OrthancPluginRegisterStorageArea2(context, create, readWhole, readRange, removeFile);
    OrthancPluginRegisterRestCallbackNoLock(context, "/secimg/statistics", serveStatistics);
    return 0;
}

ORTHANC_PLUGINS_API void OrthancPluginFinalize() {
    if (archive) {
        logWarning("statistics " + archive->statistics().json());
        archive.reset();
    }
}

ORTHANC_PLUGINS_API const char *OrthancPluginGetName() { return NAME; }

ORTHANC_PLUGINS_API const char *OrthancPluginGetVersion() { return SECIMG_VERSION_STRING; }
}
