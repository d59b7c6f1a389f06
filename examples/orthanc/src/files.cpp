#include "files.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

constexpr size_t UUID_LEN = 36;
// How often another thread may take away the folder in which a file is about to be made.
constexpr int FOLDER_ATTEMPTS = 16;

bool isUuid(const std::string &text) {
    if (text.size() != UUID_LEN) {
        return false;
    }
    for (size_t at = 0; at < UUID_LEN; ++at) {
        const char c = text[at];
        const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) {
            return false;
        }
    }
    return true;
}

int openAgain(const fs::path &path, int flags, mode_t mode) {
    int number = -1;
    do {
        number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (number < 0 && errno == EINTR);
    return number;
}

void syncFolder(const fs::path &folder) {
    const Descriptor opened(openAgain(folder, O_RDONLY | O_DIRECTORY, 0));
    // Some file systems cannot sync a folder, and say so with EINVAL: then nothing more can be done.
    if (opened.number() < 0 || (::fsync(opened.number()) != 0 && errno != EINVAL)) {
        failOfSystem("cannot sync " + folder.string(), OrthancPluginErrorCode_CannotWriteFile);
    }
}

// Makes a folder below one that exists. Returns whether it was made now.
bool makeFolder(const fs::path &folder) {
    if (::mkdir(folder.c_str(), 0777) == 0) {
        return true;
    }
    // ENOENT: its parent was empty and was removed a moment ago; the caller begins again.
    if (errno != EEXIST && errno != ENOENT) {
        failOfSystem("cannot make " + folder.string(), OrthancPluginErrorCode_FileStorageCannotWrite);
    }
    return false;
}

} // namespace

Descriptor::Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() { close(); }

bool Descriptor::close() noexcept {
    const int number = std::exchange(number_, -1);
    return number < 0 || ::close(number) == 0 || errno == EINTR;
}

StoredFile::StoredFile(const fs::path &path) : file_(openAgain(path, O_RDONLY, 0)), name_(path.filename().string()) {
    struct stat status{};
    if (file_.number() < 0 || ::fstat(file_.number(), &status) != 0) {
        failOfSystem("cannot open " + name_, OrthancPluginErrorCode_StorageAreaPlugin);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Failure(OrthancPluginErrorCode_RegularFileExpected, name_ + " is not a regular file");
    }
    size_ = static_cast<uint64_t>(status.st_size);
}

size_t StoredFile::readAt(uint64_t offset, uint8_t *buffer, size_t capacity) const {
    size_t filled = 0;
    while (filled < capacity) {
        const ssize_t read =
            ::pread(file_.number(), buffer + filled, capacity - filled, static_cast<off_t>(offset + filled));
        if (read == 0) {
            break;
        }
        if (read > 0) {
            filled += static_cast<size_t>(read);
        } else if (errno != EINTR) {
            failOfSystem("cannot read " + name_, OrthancPluginErrorCode_StorageAreaPlugin);
        }
    }
    return filled;
}

bool StoredFile::isLinked() const noexcept {
    struct stat status{};
    return ::fstat(file_.number(), &status) == 0 && status.st_nlink > 0;
}

bool StoredFile::isPrivate() const noexcept {
    struct stat status{};
    return ::fstat(file_.number(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

NewFile::NewFile(const fs::path &path, bool sync) : path_(path), partial_(path.string() + ".part"), sync_(sync) {
    std::error_code ignored;
    if (fs::exists(path_, ignored)) {
        throw Failure(OrthancPluginErrorCode_CannotWriteFile, path_.filename().string() + " exists");
    }
    const fs::path inner = path_.parent_path();
    for (int attempt = 0; attempt < FOLDER_ATTEMPTS && file_.number() < 0; ++attempt) {
        newFolders_[1] |= makeFolder(inner.parent_path());
        newFolders_[0] |= makeFolder(inner);
        file_ = Descriptor(openAgain(partial_, O_WRONLY | O_CREAT | O_EXCL, 0600));
        if (file_.number() < 0 && errno != ENOENT) {
            break;
        }
    }
    if (file_.number() < 0) {
        failOfSystem("cannot make " + partial_.filename().string(), OrthancPluginErrorCode_FileStorageCannotWrite);
    }
}

NewFile::~NewFile() {
    if (!partial_.empty()) {
        ::unlink(partial_.c_str());
    }
}

void NewFile::write(const uint8_t *data, size_t len) {
    while (len > 0) {
        const ssize_t written = ::write(file_.number(), data, len);
        if (written >= 0) {
            data += written;
            len -= static_cast<size_t>(written);
        } else if (errno != EINTR) {
            failOfSystem("cannot write " + partial_.filename().string(), OrthancPluginErrorCode_CannotWriteFile);
        }
    }
}

void NewFile::commit() {
    const bool synced = !sync_ || ::fsync(file_.number()) == 0;
    if (!synced || !file_.close() || ::rename(partial_.c_str(), path_.c_str()) != 0) {
        failOfSystem("cannot finish " + path_.filename().string(), OrthancPluginErrorCode_CannotWriteFile);
    }
    // From here on, the file to remove on failure is the one with the final name.
    partial_ = path_;
    if (sync_) {
        syncFolders();
    }
    partial_.clear();
}

void NewFile::syncFolders() const {
    fs::path folder = path_.parent_path();
    syncFolder(folder);
    for (const bool isNew : newFolders_) {
        folder = folder.parent_path();
        if (isNew) {
            syncFolder(folder);
        }
    }
}

fs::path storedPath(const fs::path &root, const std::string &uuid) {
    if (!isUuid(uuid)) {
        throw Failure(OrthancPluginErrorCode_ParameterOutOfRange, "a file of the storage area has no UUID as its name");
    }
    return root / uuid.substr(0, 2) / uuid.substr(2, 2) / uuid;
}

void removeStored(const fs::path &path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        failOfSystem("cannot remove " + path.filename().string(), OrthancPluginErrorCode_StorageAreaPlugin);
    }
    // They fail where something is in them, which is as it should be.
    if (::rmdir(path.parent_path().c_str()) == 0) {
        ::rmdir(path.parent_path().parent_path().c_str());
    }
}
