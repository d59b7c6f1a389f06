// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: private, public and symmetric keys, and certificates.
#ifndef SECIMG_CPP_KEYS_HPP
#define SECIMG_CPP_KEYS_HPP

#include "handle.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

enum class key_kind : std::uint32_t {
  none = 0,  ///< of an empty object
  rsa = SECIMG_KEY_RSA,
  ed25519 = SECIMG_KEY_ED25519,  ///< signs only
  xwing = SECIMG_KEY_XWING,      ///< receives only; holds against quantum computers
};

/// A private key file that group or others can read is refused, unless this says otherwise.
enum class key_file : std::uint32_t { private_only = 0, allow_shared = SECIMG_ALLOW_SHARED_KEY };
/// A file that exists is not replaced, unless this says otherwise.
enum class existing_file : std::uint32_t { refuse = 0, overwrite = SECIMG_OVERWRITE };
/// What is wrong with a certificate is a warning, unless this says otherwise.
enum class certificate_check : std::uint32_t { warn = 0, strict = SECIMG_STRICT_CERTIFICATES };
/// What a certificate is asked for.
enum class purpose : std::uint32_t { recipient = SECIMG_PURPOSE_RECIPIENT, signer = SECIMG_PURPOSE_SIGNER };

/// The text form of a fingerprint: "sha256:" and 64 hex digits.
[[nodiscard]] inline outcome<std::string> fingerprint_text(const digest &fingerprint) {
  return detail::take<std::string>([&](std::string &out) {
    std::array<char, SECIMG_FINGERPRINT_TEXT_LEN> buffer{};
    const secimg_status status = secimg_fingerprint_text(fingerprint.data(), buffer.data(), buffer.size());
    if (status == SECIMG_OK) out = buffer.data();
    return status;
  });
}

/// A public key: to seal for its owner, or to trust the owner's signatures.
class public_key : public detail::handle<secimg_public_key, secimg_public_key_free> {
 public:
  using handle::handle;

  /// From "PUBLIC KEY" PEM.
  [[nodiscard]] static outcome<public_key> from_pem(bytes_view pem) {
    return detail::make<public_key>([&](secimg_public_key **out) { return secimg_public_key_from_pem(pem.data(), pem.size(), out); });
  }
  /// From a DER SubjectPublicKeyInfo.
  [[nodiscard]] static outcome<public_key> from_spki(bytes_view der) {
    return detail::make<public_key>([&](secimg_public_key **out) { return secimg_public_key_from_spki(der.data(), der.size(), out); });
  }
  [[nodiscard]] static outcome<public_key> load(const text &path) {
    if (path.cut()) return detail::refuse_cut<public_key>();
    return detail::make<public_key>([&](secimg_public_key **out) { return secimg_public_key_load(path.c_str(), out); });
  }

  [[nodiscard]] outcome<std::string> to_pem() const {
    return detail::take_buffer<std::string>([&](secimg_buf *out) { return secimg_public_key_to_pem(native_handle(), out); });
  }
  outcome<void> store(const text &path, existing_file existing = existing_file::refuse) const {
    if (path.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_public_key_store(native_handle(), path.c_str(), static_cast<std::uint32_t>(existing)));
  }
  /// The DER SubjectPublicKeyInfo. It belongs to this key and lives as long.
  [[nodiscard]] outcome<bytes_view> spki() const {
    return detail::take<bytes_view>([&](bytes_view &out) {
      const std::uint8_t *data = nullptr;
      std::size_t size = 0;
      const secimg_status status = secimg_public_key_spki(native_handle(), &data, &size);
      out = bytes_view(data, size);
      return status;
    });
  }
  /// SHA-256 of the DER SubjectPublicKeyInfo.
  [[nodiscard]] outcome<digest> fingerprint() const {
    return detail::take<digest>([&](digest &out) { return secimg_public_key_fingerprint(native_handle(), out.data()); });
  }
  key_kind kind() const noexcept { return static_cast<key_kind>(secimg_public_key_kind(native_handle())); }
  std::uint32_t bits() const noexcept { return secimg_public_key_bits(native_handle()); }
  /// How many bits of a symmetric key this key is worth.
  std::uint32_t strength_bits() const noexcept { return secimg_public_key_strength_bits(native_handle()); }

  friend bool operator==(const public_key &a, const public_key &b) noexcept {
    return secimg_public_key_equal(a.native_handle(), b.native_handle());
  }
  friend bool operator!=(const public_key &a, const public_key &b) noexcept { return !(a == b); }
};

/// A private key: to open what was sealed for its public key, or to sign.
class private_key : public detail::handle<secimg_private_key, secimg_private_key_free> {
 public:
  using handle::handle;

  /// A new key. `bits` are RSA's: 2048, 3072, 4096, or 0 for the default (3072).
  [[nodiscard]] static outcome<private_key> generate(key_kind kind, std::uint32_t bits = 0) {
    return detail::make<private_key>(
        [&](secimg_private_key **out) { return secimg_private_key_generate(static_cast<std::uint32_t>(kind), bits, out); });
  }
  /// From "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" PEM, as `openssl pkey` writes it.
  [[nodiscard]] static outcome<private_key> from_pem(bytes_view pem, bytes_view passphrase = {}) {
    return detail::make<private_key>([&](secimg_private_key **out) {
      return secimg_private_key_from_pem(pem.data(), pem.size(), passphrase.data(), passphrase.size(), out);
    });
  }
  [[nodiscard]] static outcome<private_key> load(const text &path, bytes_view passphrase = {},
                                                 key_file access = key_file::private_only) {
    if (path.cut()) return detail::refuse_cut<private_key>();
    return detail::make<private_key>([&](secimg_private_key **out) {
      return secimg_private_key_load(path.c_str(), passphrase.data(), passphrase.size(), static_cast<std::uint32_t>(access), out);
    });
  }

  /// PEM, encrypted where there is a passphrase.
  [[nodiscard]] outcome<secure_bytes> to_pem(bytes_view passphrase = {}) const {
    return detail::take_buffer<secure_bytes>([&](secimg_buf *out) {
      return secimg_private_key_to_pem(native_handle(), passphrase.data(), passphrase.size(), out);
    });
  }
  /// Writes the PEM into a new file that only its owner can read.
  outcome<void> store(const text &path, bytes_view passphrase = {}, existing_file existing = existing_file::refuse) const {
    if (path.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_private_key_store(native_handle(), path.c_str(), passphrase.data(), passphrase.size(),
                                                    static_cast<std::uint32_t>(existing)));
  }
  [[nodiscard]] outcome<secimg::public_key> public_key() const {
    return detail::make<secimg::public_key>([&](secimg_public_key **out) { return secimg_private_key_public(native_handle(), out); });
  }
};

/// A secret key of 256 bits that both sides have.
class symmetric_key : public detail::handle<secimg_symmetric_key, secimg_symmetric_key_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<symmetric_key> generate() {
    return detail::make<symmetric_key>([](secimg_symmetric_key **out) { return secimg_symmetric_key_generate(out); });
  }
  /// From 32 bytes as they are.
  [[nodiscard]] static outcome<symmetric_key> from_bytes(bytes_view key) {
    return detail::make<symmetric_key>(
        [&](secimg_symmetric_key **out) { return secimg_symmetric_key_from_bytes(key.data(), key.size(), out); });
  }
  /// From a key file's content: a line of base64, 64 hex digits, or 32 bytes.
  [[nodiscard]] static outcome<symmetric_key> from_text(bytes_view content) {
    return detail::make<symmetric_key>(
        [&](secimg_symmetric_key **out) { return secimg_symmetric_key_from_text(content.data(), content.size(), out); });
  }
  [[nodiscard]] static outcome<symmetric_key> load(const text &path, key_file access = key_file::private_only) {
    if (path.cut()) return detail::refuse_cut<symmetric_key>();
    return detail::make<symmetric_key>([&](secimg_symmetric_key **out) {
      return secimg_symmetric_key_load(path.c_str(), static_cast<std::uint32_t>(access), out);
    });
  }

  /// The 32 bytes themselves.
  [[nodiscard]] outcome<secure_bytes> to_bytes() const {
    return detail::take<secure_bytes>([&](secure_bytes &out) {
      out.resize(SECIMG_CEK_LEN);
      return secimg_symmetric_key_export(native_handle(), out.data());
    });
  }
  /// A line of base64.
  [[nodiscard]] outcome<secure_bytes> to_text() const {
    return detail::take_buffer<secure_bytes>([&](secimg_buf *out) { return secimg_symmetric_key_to_text(native_handle(), out); });
  }
  outcome<void> store(const text &path, existing_file existing = existing_file::refuse) const {
    if (path.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_symmetric_key_store(native_handle(), path.c_str(), static_cast<std::uint32_t>(existing)));
  }
  [[nodiscard]] outcome<digest> fingerprint() const {
    return detail::take<digest>([&](digest &out) { return secimg_symmetric_key_fingerprint(native_handle(), out.data()); });
  }
};

/// The X.509 certificates of one file: PEM with one or more, or DER. Those of authorities are told apart and never used.
/// Nobody verifies here who issued a certificate: whoever names it vouches for it, as for a public key.
class certificates : public detail::handle<secimg_certificates, secimg_certificates_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<certificates> from_bytes(bytes_view file) {
    return detail::make<certificates>(
        [&](secimg_certificates **out) { return secimg_certificates_from_bytes(file.data(), file.size(), out); });
  }
  [[nodiscard]] static outcome<certificates> load(const text &path) {
    if (path.cut()) return detail::refuse_cut<certificates>();
    return detail::make<certificates>([&](secimg_certificates **out) { return secimg_certificates_load(path.c_str(), out); });
  }

  std::size_t count() const noexcept { return secimg_certificates_count(native_handle()); }
  bool is_authority(std::size_t index) const noexcept { return secimg_certificates_is_authority(native_handle(), index); }
  std::string_view subject(std::size_t index) const noexcept {
    return detail::view_of(secimg_certificates_subject(native_handle(), index));
  }
  std::string_view issuer(std::size_t index) const noexcept {
    return detail::view_of(secimg_certificates_issuer(native_handle(), index));
  }
  /// Seconds since 1970.
  std::uint64_t not_before(std::size_t index) const noexcept { return secimg_certificates_not_before(native_handle(), index); }
  std::uint64_t not_after(std::size_t index) const noexcept { return secimg_certificates_not_after(native_handle(), index); }
  /// One certificate. It belongs to this object and lives as long.
  [[nodiscard]] outcome<bytes_view> der(std::size_t index) const {
    return detail::take<bytes_view>([&](bytes_view &out) {
      const std::uint8_t *data = nullptr;
      std::size_t size = 0;
      const secimg_status status = secimg_certificates_der(native_handle(), index, &data, &size);
      out = bytes_view(data, size);
      return status;
    });
  }
  [[nodiscard]] outcome<secimg::public_key> public_key(std::size_t index) const {
    return detail::make<secimg::public_key>(
        [&](secimg_public_key **out) { return secimg_certificates_public_key(native_handle(), index, out); });
  }
  /// Checks dates and usages of all end entities and gives the warnings. `now` is in seconds since 1970, 0 for the system's clock.
  outcome<std::vector<std::string>> check(purpose wanted, std::uint64_t now = 0, certificate_check how = certificate_check::warn) const {
    return detail::take_sentences([&](secimg_texts **warnings) {
      return secimg_certificates_check(native_handle(), static_cast<std::uint32_t>(wanted), now, static_cast<std::uint32_t>(how),
                                       warnings);
    });
  }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
