// host CONFIGURATION: stands in for Orthanc, so that the plugin runs whole under a sanitizer, which Orthanc's own code
// does not. Many threads store, read, read ranges and remove, each its own files and all of them some shared ones.

#include <orthanc/OrthancCPlugin.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

extern "C" {
int32_t OrthancPluginInitialize(OrthancPluginContext *context);
void OrthancPluginFinalize();
}

namespace {

constexpr size_t THREADS = 8;
constexpr size_t ROUNDS = 40;
constexpr size_t SHARED = 3;

std::string configurationPath;
std::string configuration;
_OrthancPluginRegisterStorageArea2 storage;
std::atomic<int> failures{0};

void expect(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "host: %s\n", what);
        failures += 1;
    }
}

char *copied(const std::string &text) {
    auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
    std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

OrthancPluginErrorCode invoke(OrthancPluginContext *, _OrthancPluginService service, const void *parameters) {
    switch (service) {
    case _OrthancPluginService_LogError:
        std::fprintf(stderr, "error: %s\n", static_cast<const char *>(parameters));
        break;
    case _OrthancPluginService_GetConfigurationPath:
        *static_cast<const _OrthancPluginRetrieveDynamicString *>(parameters)->result = copied(configurationPath);
        break;
    case _OrthancPluginService_GetConfiguration:
        *static_cast<const _OrthancPluginRetrieveDynamicString *>(parameters)->result = copied(configuration);
        break;
    case _OrthancPluginService_CreateMemoryBuffer64: {
        const auto *asked = static_cast<const _OrthancPluginCreateMemoryBuffer64 *>(parameters);
        *asked->target = {std::malloc(asked->size), asked->size};
        break;
    }
    case _OrthancPluginService_RegisterStorageArea2:
        storage = *static_cast<const _OrthancPluginRegisterStorageArea2 *>(parameters);
        break;
    default:
        break;
    }
    return OrthancPluginErrorCode_Success;
}

// The same number gives the same name, and the same bytes.
std::string uuidOf(uint32_t number) {
    char text[37];
    // Few first bytes, so that threads make and remove the same folders.
    std::snprintf(text, sizeof text, "%08x-0000-4000-8000-%012x", (number % 3) << 24, number);
    return text;
}

std::vector<uint8_t> bytesOf(uint32_t number) {
    std::mt19937 random(number);
    std::vector<uint8_t> bytes(random() % 200000);
    for (uint8_t &byte : bytes) {
        byte = static_cast<uint8_t>(random());
    }
    return bytes;
}

void store(uint32_t number) {
    const std::vector<uint8_t> bytes = bytesOf(number);
    expect(storage.create(uuidOf(number).c_str(), bytes.data(), static_cast<int64_t>(bytes.size()),
                          OrthancPluginContentType_Dicom) == OrthancPluginErrorCode_Success,
           "create");
}

void readAll(uint32_t number) {
    const std::vector<uint8_t> bytes = bytesOf(number);
    OrthancPluginMemoryBuffer64 buffer = {nullptr, 0};
    const bool read = storage.readWhole(&buffer, uuidOf(number).c_str(), OrthancPluginContentType_Dicom) ==
                      OrthancPluginErrorCode_Success;
    expect(read, "readWhole");
    expect(!read || (buffer.size == bytes.size() &&
                     std::equal(bytes.begin(), bytes.end(), static_cast<uint8_t *>(buffer.data))),
           "readWhole: other bytes");
    std::free(buffer.data);
}

void readRange(uint32_t number, size_t start, size_t len) {
    const std::vector<uint8_t> bytes = bytesOf(number);
    start = std::min(start, bytes.size());
    len = std::min(len, bytes.size() - start);
    std::vector<uint8_t> got(len);
    OrthancPluginMemoryBuffer64 buffer = {got.data(), len};
    expect(storage.readRange(&buffer, uuidOf(number).c_str(), OrthancPluginContentType_Dicom, start) ==
               OrthancPluginErrorCode_Success,
           "readRange");
    expect(std::equal(got.begin(), got.end(), bytes.data() + start), "readRange: other bytes");
    buffer.size = len + 1;
    got.resize(len + 1);
    buffer.data = got.data();
    expect(start + len < bytes.size() ||
               storage.readRange(&buffer, uuidOf(number).c_str(), OrthancPluginContentType_Dicom, start) !=
                   OrthancPluginErrorCode_Success,
           "readRange beyond the end");
}

void removeOne(uint32_t number) {
    expect(storage.remove(uuidOf(number).c_str(), OrthancPluginContentType_Dicom) == OrthancPluginErrorCode_Success,
           "remove");
    OrthancPluginMemoryBuffer64 buffer = {nullptr, 0};
    expect(storage.readWhole(&buffer, uuidOf(number).c_str(), OrthancPluginContentType_Dicom) ==
               OrthancPluginErrorCode_InexistentFile,
           "a file that was removed is read");
}

void work(size_t thread) {
    for (size_t round = 0; round < ROUNDS; ++round) {
        const auto own = static_cast<uint32_t>(1000 * (thread + 1) + round);
        store(own);
        readRange(own, 0, 20000);
        readAll(own);
        readRange(static_cast<uint32_t>(round % SHARED), 17 * round * round, 30000);
        readAll(static_cast<uint32_t>(round % SHARED));
        removeOne(own);
    }
}

void hostileNames() {
    for (const char *name :
         {"", "../../etc/passwd", "../../../../../../../../etc/passwd/12345", "00000000-0000-4000-8000-00000000000/"}) {
        OrthancPluginMemoryBuffer64 buffer = {nullptr, 0};
        expect(storage.readWhole(&buffer, name, OrthancPluginContentType_Dicom) ==
                   OrthancPluginErrorCode_ParameterOutOfRange,
               "a name that is no UUID is read");
    }
}

} // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::fputs("usage: host CONFIGURATION\n", stderr);
        return 2;
    }
    configurationPath = arguments[1];
    std::ifstream file(configurationPath);
    configuration.assign(std::istreambuf_iterator<char>(file), {});
    OrthancPluginContext context = {nullptr, "1.10.1", std::free, invoke};
    if (OrthancPluginInitialize(&context) != 0) {
        return 1;
    }
    for (uint32_t number = 0; number < SHARED; ++number) {
        store(number);
    }
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < THREADS; ++thread) {
        threads.emplace_back(work, thread);
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    hostileNames();
    OrthancPluginFinalize();
    std::printf("%zu threads, %zu files each\n", THREADS, ROUNDS);
    return failures == 0 ? 0 : 1;
}
