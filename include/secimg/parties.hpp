// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: who a stream is for, who opens it, who signs it and who is trusted; also with keys in devices.
#ifndef SECIMG_CPP_PARTIES_HPP
#define SECIMG_CPP_PARTIES_HPP

#include "keys.hpp"

#include <functional>

namespace secimg {
inline namespace SECIMG_CPP_MODE {

enum class recipient_type : std::uint32_t {
  none = 0,
  rsa_oaep_sha256 = SECIMG_RECIPIENT_RSA_OAEP_SHA256,
  xwing = SECIMG_RECIPIENT_XWING,
  passphrase = SECIMG_RECIPIENT_PASSPHRASE,
  raw_key = SECIMG_RECIPIENT_RAW_KEY,
  external = SECIMG_RECIPIENT_EXTERNAL,  ///< a key management service or device that only its `provider` understands
};

enum class signature_algorithm : std::uint32_t {
  none = SECIMG_SIGNATURE_NONE,
  rsa_pss_sha256 = SECIMG_SIGNATURE_RSA_PSS_SHA256,
  ed25519 = SECIMG_SIGNATURE_ED25519,
};

// Keys in devices (HSM, smart card, key management service). The functions may be called from any thread that uses the object they were
// given to, also from several at once. An exception that one throws does not pass through the library: it counts as "the device failed",
// SECIMG_ERR_PROVIDER. What they hold lives as long as anything uses it, which may be longer than the object they were given to.

/// Wraps the content key of each stream for a key in a device.
struct device_recipient {
  std::string provider;                ///< who understands what `wrap` makes, 1 to 255 bytes
  std::vector<std::uint8_t> key_name;  ///< what the key id is made from, 1 byte or more
  std::size_t wrapped_size = 0;        ///< exact length of what `wrap` makes
  /// Wraps `cek` (32 bytes) into all of `out`; false: the device failed. `salt` is the stream's, public and new for each.
  std::function<bool(bytes_view cek, bytes_view salt, mutable_bytes out)> wrap;
};

enum class unwrapped : std::int32_t {
  done = 0,           ///< the content key is written
  wrong = 1,          ///< a wrong key or changed bytes; never say which
  device_failed = 2,  ///< could not be tried
};

/// Opens with a private key in a device.
struct device_identity {
  recipient_type type = recipient_type::external;  ///< external, or rsa_oaep_sha256, for which `spki` counts instead of the names
  std::vector<std::uint8_t> spki;                  ///< the public key, DER
  std::string provider;
  std::vector<std::uint8_t> key_name;
  /// Unwraps the OAEP ciphertext (RSA), or what device_recipient::wrap made, into `cek` (32 bytes).
  std::function<unwrapped(bytes_view wrapped, mutable_bytes cek)> unwrap;
};

/// Signs with a private key in a device.
struct device_signer {
  signature_algorithm algorithm = signature_algorithm::ed25519;
  std::vector<std::uint8_t> spki;  ///< the public key, DER
  /// Signs `message` into all of `out` (the modulus' length for RSA, 64 bytes for Ed25519); false: the device failed.
  std::function<bool(bytes_view message, mutable_bytes out)> sign;
};

/// Who a stream is sealed for: 1 to 32 recipients.
class recipients : public detail::handle<secimg_recipients, secimg_recipients_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<recipients> create() {
    return detail::make<recipients>([](secimg_recipients **out) { return secimg_recipients_new(out); });
  }

  outcome<void> add(const public_key &key) { return detail::deliver(secimg_recipients_add_public_key(native_handle(), key.native_handle())); }
  outcome<void> add(const symmetric_key &key) {
    return detail::deliver(secimg_recipients_add_symmetric_key(native_handle(), key.native_handle()));
  }
  /// Adds all end entities and gives what there is to warn of.
  outcome<std::vector<std::string>> add(const certificates &owners, certificate_check how = certificate_check::warn) {
    return detail::take_sentences([&](secimg_texts **warnings) {
      return secimg_recipients_add_certificates(native_handle(), owners.native_handle(), static_cast<std::uint32_t>(how), warnings);
    });
  }
  /// A passphrase must stay the only recipient.
  outcome<void> add_passphrase(bytes_view passphrase) {
    return detail::deliver(secimg_recipients_add_passphrase(native_handle(), passphrase.data(), passphrase.size()));
  }
  outcome<void> add(device_recipient device) {
    if (!device.wrap) return detail::refuse<void>(SECIMG_ERR_INVALID_ARGUMENT, "the device has no wrap function");
    const text provider(device.provider);
    if (provider.cut()) return detail::refuse_cut<void>();
    return detail::deliver(detail::lend(std::move(device.wrap), [&](void *userdata, void (*let_go)(void *)) {
      secimg_recipient_callbacks callbacks{};
      callbacks.struct_size = sizeof callbacks;
      callbacks.userdata = userdata;
      callbacks.provider = provider.c_str();
      callbacks.key_name = device.key_name.data();
      callbacks.key_name_len = device.key_name.size();
      callbacks.wrapped_len = device.wrapped_size;
      callbacks.wrap = &recipients::wrap;
      callbacks.release = let_go;
      return secimg_recipients_add_callbacks(native_handle(), &callbacks);
    }));
  }
  /// Lets weaker recipients stand beside those that hold against quantum computers: the stream is as strong as its weakest.
  outcome<void> allow_mixing() { return detail::deliver(secimg_recipients_allow_mixing(native_handle())); }
  std::size_t count() const noexcept { return secimg_recipients_count(native_handle()); }

 private:
  static std::int32_t wrap(void *userdata, const std::uint8_t *cek, const std::uint8_t *salt, std::uint8_t *out, std::size_t out_len) {
    const auto &function = detail::lent<decltype(device_recipient::wrap)>(userdata);
    const bool done = detail::guarded(false, [&] {
      return function(bytes_view(cek, SECIMG_CEK_LEN), bytes_view(salt, SECIMG_SALT_LEN), mutable_bytes(out, out_len));
    });
    return done ? 0 : 1;
  }
};

/// Who opens: one private key, symmetric key or passphrase, or a key in a device.
class identity : public detail::handle<secimg_identity, secimg_identity_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<identity> from(const private_key &key) {
    return detail::make<identity>([&](secimg_identity **out) { return secimg_identity_from_private_key(key.native_handle(), out); });
  }
  [[nodiscard]] static outcome<identity> from(const symmetric_key &key) {
    return detail::make<identity>([&](secimg_identity **out) { return secimg_identity_from_symmetric_key(key.native_handle(), out); });
  }
  [[nodiscard]] static outcome<identity> from_passphrase(bytes_view passphrase) {
    return detail::make<identity>(
        [&](secimg_identity **out) { return secimg_identity_from_passphrase(passphrase.data(), passphrase.size(), out); });
  }
  [[nodiscard]] static outcome<identity> from(device_identity device) {
    if (!device.unwrap) return detail::refuse<identity>(SECIMG_ERR_INVALID_ARGUMENT, "the device has no unwrap function");
    const text provider(device.provider);
    if (provider.cut()) return detail::refuse_cut<identity>();
    return detail::make<identity>([&](secimg_identity **out) {
      return detail::lend(std::move(device.unwrap), [&](void *userdata, void (*let_go)(void *)) {
        secimg_identity_callbacks callbacks{};
        callbacks.struct_size = sizeof callbacks;
        callbacks.userdata = userdata;
        callbacks.recipient_type = static_cast<std::uint32_t>(device.type);
        callbacks.spki = device.spki.data();
        callbacks.spki_len = device.spki.size();
        callbacks.provider = device.provider.empty() ? nullptr : provider.c_str();
        callbacks.key_name = device.key_name.data();
        callbacks.key_name_len = device.key_name.size();
        callbacks.unwrap = &identity::unwrap;
        callbacks.release = let_go;
        return secimg_identity_from_callbacks(&callbacks, out);
      });
    });
  }

 private:
  static std::int32_t unwrap(void *userdata, const std::uint8_t *wrapped, std::size_t wrapped_len, std::uint8_t *cek) {
    const auto &function = detail::lent<decltype(device_identity::unwrap)>(userdata);
    return static_cast<std::int32_t>(detail::guarded(unwrapped::device_failed, [&] {
      return function(bytes_view(wrapped, wrapped_len), mutable_bytes(cek, SECIMG_CEK_LEN));
    }));
  }
};

/// Who signs: an Ed25519 or RSA key, here or in a device.
class signer : public detail::handle<secimg_signer, secimg_signer_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<signer> from(const private_key &key) {
    return detail::make<signer>([&](secimg_signer **out) { return secimg_signer_from_private_key(key.native_handle(), out); });
  }
  [[nodiscard]] static outcome<signer> from(device_signer device) {
    if (!device.sign) return detail::refuse<signer>(SECIMG_ERR_INVALID_ARGUMENT, "the device has no sign function");
    return detail::make<signer>([&](secimg_signer **out) {
      return detail::lend(std::move(device.sign), [&](void *userdata, void (*let_go)(void *)) {
        secimg_signer_callbacks callbacks{};
        callbacks.struct_size = sizeof callbacks;
        callbacks.userdata = userdata;
        callbacks.algorithm = static_cast<std::uint32_t>(device.algorithm);
        callbacks.spki = device.spki.data();
        callbacks.spki_len = device.spki.size();
        callbacks.sign = &signer::sign;
        callbacks.release = let_go;
        return secimg_signer_from_callbacks(&callbacks, out);
      });
    });
  }

 private:
  static std::int32_t sign(void *userdata, const std::uint8_t *message, std::size_t message_len, std::uint8_t *out, std::size_t out_len) {
    const auto &function = detail::lent<decltype(device_signer::sign)>(userdata);
    const bool done =
        detail::guarded(false, [&] { return function(bytes_view(message, message_len), mutable_bytes(out, out_len)); });
    return done ? 0 : 1;
  }
};

/// Whose signatures are accepted.
class trusted_signers : public detail::handle<secimg_trusted_signers, secimg_trusted_signers_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<trusted_signers> create() {
    return detail::make<trusted_signers>([](secimg_trusted_signers **out) { return secimg_trusted_signers_new(out); });
  }

  outcome<void> add(const public_key &key) {
    return detail::deliver(secimg_trusted_signers_add_public_key(native_handle(), key.native_handle()));
  }
  /// Adds all end entities and gives what there is to warn of.
  outcome<std::vector<std::string>> add(const certificates &owners, certificate_check how = certificate_check::warn) {
    return detail::take_sentences([&](secimg_texts **warnings) {
      return secimg_trusted_signers_add_certificates(native_handle(), owners.native_handle(), static_cast<std::uint32_t>(how), warnings);
    });
  }
  std::size_t count() const noexcept { return secimg_trusted_signers_count(native_handle()); }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
