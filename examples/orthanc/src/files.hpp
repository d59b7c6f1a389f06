// Files of the storage area, laid out as Orthanc lays them out itself: ROOT/ab/cd/abcd….
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

// A descriptor that is closed.
class Descriptor {
public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    Descriptor(Descriptor &&other) noexcept;
    Descriptor &operator=(Descriptor &&other) noexcept;
    ~Descriptor();

    int number() const noexcept { return number_; }
    // Closes it now. Returns false where the system says that what was written may be lost.
    bool close() noexcept;

private:
    int number_;
};

// A file that is read.
class StoredFile {
public:
    explicit StoredFile(const std::filesystem::path &path);

    uint64_t size() const noexcept { return size_; }
    // Reads until the buffer is full or the file ends. Returns how much was read.
    size_t readAt(uint64_t offset, uint8_t *buffer, size_t capacity) const;
    // Whether the file still has a name.
    bool isLinked() const noexcept;
    // Whether nobody but its owner has any right to it.
    bool isPrivate() const noexcept;

private:
    Descriptor file_;
    uint64_t size_ = 0;
    std::string name_;
};

// A file that gets its name when it is whole, and is removed if it never is.
class NewFile {
public:
    NewFile(const std::filesystem::path &path, bool sync);
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;
    ~NewFile();

    void write(const uint8_t *data, size_t len);
    void commit();

private:
    void syncFolders() const;

    std::filesystem::path path_;
    std::filesystem::path partial_;
    Descriptor file_;
    bool sync_;
    // Whether the folder of the file, and the one around it, were made for it. Their names are synced
    // when the file is: before, another thread could remove an empty folder.
    bool newFolders_[2] = {false, false};
};

// Where a file lies. Refuses anything but an UUID, so that no name leads out of the root.
std::filesystem::path storedPath(const std::filesystem::path &root, const std::string &uuid);

// Removes a file, and its two folders where they are empty then. One that is gone is no error.
void removeStored(const std::filesystem::path &path);
