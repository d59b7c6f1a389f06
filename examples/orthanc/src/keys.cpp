#include "keys.hpp"

#include "files.hpp"

#include <algorithm>

namespace fs = std::filesystem;

namespace {

// 64 certificates, the most that the library takes, are far smaller.
constexpr uint64_t MAX_KEY_FILE = 1 << 20;
constexpr uint64_t MAX_PASSPHRASE_FILE = 8 << 10;

// Says which file a failure was about: the library knows bytes, not where they came from.
template <class Action> auto about(const fs::path &path, Action action) {
    try {
        return action();
    } catch (const Failure &failure) {
        throw Failure(failure.code(), path.string() + ": " + failure.what());
    }
}

std::vector<uint8_t> readAll(const StoredFile &file, uint64_t max) {
    if (file.size() > max) {
        throw Failure(OrthancPluginErrorCode_BadFileFormat, "the file is too long to be what it should be");
    }
    std::vector<uint8_t> bytes(static_cast<size_t>(file.size()));
    bytes.resize(file.readAt(0, bytes.data(), bytes.size()));
    return bytes;
}

class Passphrase {
public:
    Passphrase() = default;
    explicit Passphrase(const fs::path &path) {
        const StoredFile file(path);
        if (!file.isPrivate()) {
            throw Failure(OrthancPluginErrorCode_BadFileFormat, "others than its owner have rights to this passphrase");
        }
        bytes_ = readAll(file, MAX_PASSPHRASE_FILE);
        len_ = bytes_.size();
        len_ -= len_ > 0 && bytes_[len_ - 1] == '\n' ? 1 : 0;
    }
    Passphrase(const Passphrase &) = delete;
    Passphrase &operator=(const Passphrase &) = delete;
    ~Passphrase() { secimg_memzero(bytes_.data(), bytes_.size()); }

    const uint8_t *data() const { return bytes_.data(); }
    size_t len() const { return len_; }

private:
    std::vector<uint8_t> bytes_;
    // The newline at the end of the file is not of the passphrase.
    size_t len_ = 0;
};

PrivateKey loadPrivate(const fs::path &path, const fs::path &passphraseFile) {
    const auto passphrase = passphraseFile.empty()
                                ? std::make_unique<Passphrase>()
                                : about(passphraseFile, [&] { return std::make_unique<Passphrase>(passphraseFile); });
    return about(path, [&] {
        return make<PrivateKey>(secimg_private_key_load, path.c_str(), passphrase->data(), passphrase->len(), 0U);
    });
}

std::string fingerprintOf(const secimg_public_key *key) {
    uint8_t fingerprint[SECIMG_FINGERPRINT_LEN];
    char text[SECIMG_FINGERPRINT_TEXT_LEN];
    check(secimg_public_key_fingerprint(key, fingerprint));
    check(secimg_fingerprint_text(fingerprint, text, sizeof text));
    return text;
}

bool isPublicKeyPem(const std::vector<uint8_t> &bytes) {
    static const std::string begin = "-----BEGIN PUBLIC KEY-----";
    return std::search(bytes.begin(), bytes.end(), begin.begin(), begin.end()) != bytes.end();
}

// A file with a public key or with certificates, which go where the two functions put them.
template <class AddKey, class AddCertificates>
void addPublic(const fs::path &path, AddKey addKey, AddCertificates addCertificates) {
    about(path, [&] {
        const std::vector<uint8_t> bytes = readAll(StoredFile(path), MAX_KEY_FILE);
        if (isPublicKeyPem(bytes)) {
            addKey(make<PublicKey>(secimg_public_key_from_pem, bytes.data(), bytes.size()));
        } else {
            addCertificates(make<Certificates>(secimg_certificates_from_bytes, bytes.data(), bytes.size()));
        }
    });
}

void addTexts(std::vector<std::string> &warnings, const fs::path &path, const Texts &texts) {
    for (size_t at = 0; at < secimg_texts_count(texts.get()); ++at) {
        warnings.push_back(path.string() + ": " + secimg_texts_get(texts.get(), at));
    }
}

class Loader {
public:
    explicit Loader(const Settings &settings) : settings_(settings) {}

    Keys load() {
        loadSeal();
        loadOpen();
        tryBoth();
        return std::move(keys_);
    }

private:
    void loadSeal() {
        if (settings_.recipients.empty()) {
            throw Failure(OrthancPluginErrorCode_BadParameterType,
                          "no recipient: name a public key or a certificate in Secimg.Recipients");
        }
        const auto recipients = make<Recipients>(secimg_recipients_new);
        if (settings_.allowMixing) {
            check(secimg_recipients_allow_mixing(recipients.get()));
        }
        for (const fs::path &path : settings_.recipients) {
            addRecipient(recipients.get(), path);
        }
        keys_.seal = make<SealOptions>(secimg_seal_options_new, recipients.get());
        check(secimg_seal_options_set_chunk_log2(keys_.seal.get(), settings_.chunkLog2));
        check(secimg_seal_options_set_context(keys_.seal.get(), context(), settings_.context.size()));
        if (!settings_.signer.empty()) {
            const PrivateKey key = loadPrivate(settings_.signer, settings_.signerPassphraseFile);
            const auto signer = make<Signer>(secimg_signer_from_private_key, key.get());
            check(secimg_seal_options_set_signer(keys_.seal.get(), signer.get()));
        }
    }

    void addRecipient(secimg_recipients *recipients, const fs::path &path) {
        addPublic(
            path,
            [&](const PublicKey &key) {
                check(secimg_recipients_add_public_key(recipients, key.get()));
                noteRecipient(path, key);
            },
            [&](const Certificates &certificates) {
                secimg_texts *texts = nullptr;
                check(secimg_recipients_add_certificates(recipients, certificates.get(), 0, &texts));
                addTexts(keys_.warnings, path, Texts(texts));
                for (size_t at = 0; at < secimg_certificates_count(certificates.get()); ++at) {
                    if (!secimg_certificates_is_authority(certificates.get(), at)) {
                        noteRecipient(path, make<PublicKey>(secimg_certificates_public_key, certificates.get(), at));
                    }
                }
            });
    }

    void noteRecipient(const fs::path &path, const PublicKey &key) {
        keys_.notices.push_back("seals for " + fingerprintOf(key.get()) + " of " + path.string());
    }

    void loadOpen() {
        if (settings_.identities.empty()) {
            keys_.warnings.emplace_back("no private key: files are sealed and stored, and cannot be read here");
            return;
        }
        keys_.open = make<OpenOptions>(secimg_open_options_new);
        check(secimg_open_options_set_context(keys_.open.get(), context(), settings_.context.size()));
        // What is read whole is handed to Orthanc when all of it is verified, and not before.
        check(secimg_open_options_set_spooled(keys_.open.get(), true));
        for (const fs::path &path : settings_.identities) {
            const PrivateKey key = loadPrivate(path, settings_.passphraseFile);
            const auto identity =
                about(path, [&] { return make<Identity>(secimg_identity_from_private_key, key.get()); });
            check(secimg_open_options_add_identity(keys_.open.get(), identity.get()));
        }
        requireSigners();
    }

    // Seals one byte and opens it. That the keys do not go together is known now, and not with the first patient.
    void tryBoth() {
        const uint8_t byte = 0;
        uint64_t size = 0;
        check(secimg_sealed_size(keys_.seal.get(), nullptr, &byte, 1, 1, &size));
        std::vector<uint8_t> sealed(static_cast<size_t>(size));
        size_t len = 0;
        check(secimg_encrypt(keys_.seal.get(), nullptr, &byte, 1, sealed.data(), sealed.size(), &len));
        if (!keys_.open) {
            return;
        }
        std::vector<uint8_t> opened(len);
        try {
            check(secimg_decrypt(keys_.open.get(), sealed.data(), len, opened.data(), opened.size(), &len, nullptr));
        } catch (const Failure &failure) {
            keys_.warnings.push_back(std::string("what is stored from now on cannot be read here: ") + failure.what());
        }
    }

    void requireSigners() {
        if (settings_.trustedSigners.empty()) {
            return;
        }
        const auto trusted = make<TrustedSigners>(secimg_trusted_signers_new);
        for (const fs::path &path : settings_.trustedSigners) {
            addPublic(
                path,
                [&](const PublicKey &key) { check(secimg_trusted_signers_add_public_key(trusted.get(), key.get())); },
                [&](const Certificates &certificates) {
                    secimg_texts *texts = nullptr;
                    check(secimg_trusted_signers_add_certificates(trusted.get(), certificates.get(), 0, &texts));
                    addTexts(keys_.warnings, path, Texts(texts));
                });
        }
        check(secimg_open_options_require_signer(keys_.open.get(), trusted.get()));
    }

    const uint8_t *context() const { return reinterpret_cast<const uint8_t *>(settings_.context.data()); }

    const Settings &settings_;
    Keys keys_;
};

} // namespace

Keys loadKeys(const Settings &settings) { return Loader(settings).load(); }
