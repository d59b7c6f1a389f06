#include "stored_stream.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace {

// The stream's magic, and behind it what begins every CORE frame: its kind, its length and the version.
constexpr std::array<uint8_t, 8> MAGIC = {0x89, 'S', 'I', 'M', 'G', 0x0D, 0x0A, 0x1A};
constexpr std::array<uint8_t, 5> CORE = {0x01, 0x00, 0x00, 0x45, 0x01};

constexpr size_t PIECE = 1 << 20;

void drain(secimg_sealer *sealer, NewFile &file, uint64_t &sealed) {
    for (;;) {
        const uint8_t *data = nullptr;
        size_t len = 0;
        check(secimg_sealer_peek(sealer, &data, &len));
        if (len == 0) {
            return;
        }
        file.write(data, len);
        check(secimg_sealer_consume(sealer, len));
        sealed += len;
    }
}

class WholeOpener {
public:
    WholeOpener(const StoredFile &file, const secimg_open_options *options, OrthancBuffer &target)
        : file_(file), opener_(make<Opener>(secimg_opener_new, options)), target_(target), piece_(PIECE) {}

    void run(const std::string &uuid) {
        while (step()) {
        }
        if (given_ != read_ || read_ != file_.size()) {
            throw Failure(OrthancPluginErrorCode_CorruptedFile, "the file goes on behind the stream's end");
        }
        check(secimg_opener_finish(opener_.get(), nullptr));
        checkStored(uuid, items_, secimg_opener_manifest(opener_.get()));
    }

private:
    // Returns whether there is more to do.
    bool step() {
        uint32_t event = SECIMG_EVENT_NEED_INPUT;
        check(secimg_opener_event(opener_.get(), &event));
        switch (event) {
        case SECIMG_EVENT_NEED_INPUT:
            push();
            return true;
        case SECIMG_EVENT_DATA:
            pull();
            return true;
        case SECIMG_EVENT_ITEM:
            ++items_;
            return true;
        default:
            return event != SECIMG_EVENT_FINISHED;
        }
    }

    void push() {
        if (given_ == read_) {
            begin_ = read_;
            read_ += file_.readAt(read_, piece_.data(), piece_.size());
        }
        if (given_ == read_) {
            // The file has ended where the stream has not: this says so.
            check(secimg_opener_finish(opener_.get(), nullptr));
        }
        size_t consumed = 0;
        check(secimg_opener_push(opener_.get(), piece_.data() + (given_ - begin_), static_cast<size_t>(read_ - given_),
                                 &consumed));
        given_ += consumed;
    }

    void pull() {
        const uint8_t *data = nullptr;
        size_t len = 0;
        check(secimg_opener_peek(opener_.get(), &data, &len));
        target_.append(data, len);
        check(secimg_opener_consume(opener_.get(), len));
    }

    const StoredFile &file_;
    Opener opener_;
    OrthancBuffer &target_;
    std::vector<uint8_t> piece_;
    // Offsets in the file: of the piece, of what the opener has taken, and of what was read.
    uint64_t begin_ = 0;
    uint64_t given_ = 0;
    uint64_t read_ = 0;
    size_t items_ = 0;
};

} // namespace

bool looksSealed(const StoredFile &file) {
    std::array<uint8_t, MAGIC.size() + CORE.size()> head{};
    const size_t len = file.readAt(0, head.data(), head.size());
    const bool magic = len > 0 && std::equal(head.begin(), head.begin() + std::min(len, MAGIC.size()), MAGIC.begin());
    const bool core = len == head.size() && std::equal(CORE.begin(), CORE.end(), head.begin() + MAGIC.size());
    return magic || core;
}

uint64_t sealInto(NewFile &file, const secimg_seal_options *options, const std::string &uuid, const uint8_t *data,
                  uint64_t size) {
    const auto description = make<Description>(secimg_description_new);
    check(secimg_description_set_name(description.get(), uuid.c_str()));
    const auto sealer = make<Sealer>(secimg_sealer_new, options);
    check(secimg_sealer_start_item(sealer.get(), description.get(), size));
    uint64_t sealed = 0;
    for (uint64_t done = 0; done < size;) {
        size_t consumed = 0;
        const auto len = static_cast<size_t>(std::min<uint64_t>(size - done, PIECE));
        check(secimg_sealer_push(sealer.get(), data + done, len, &consumed));
        done += consumed;
        drain(sealer.get(), file, sealed);
    }
    check(secimg_sealer_end_item(sealer.get()));
    check(secimg_sealer_finish(sealer.get()));
    drain(sealer.get(), file, sealed);
    return sealed;
}

void openWhole(const StoredFile &file, const secimg_open_options *options, const std::string &uuid,
               OrthancBuffer &target) {
    // The images of a stream are shorter than the stream.
    target.allocate(file.size());
    WholeOpener(file, options, target).run(uuid);
}

void checkStored(const std::string &uuid, size_t items, const secimg_manifest *manifest) {
    const char *name = manifest == nullptr ? nullptr : secimg_manifest_name(manifest);
    if (items != 1 || name == nullptr || uuid != name) {
        throw Failure(OrthancPluginErrorCode_CorruptedFile, "the stream was not sealed as this file");
    }
}
