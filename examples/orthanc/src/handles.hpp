// Owners of the library's handles.
#pragma once

#include "failure.hpp"

#include <memory>

template <auto Free> struct Freer {
    template <class Handle> void operator()(Handle *handle) const noexcept { Free(handle); }
};

using PrivateKey = std::unique_ptr<secimg_private_key, Freer<secimg_private_key_free>>;
using PublicKey = std::unique_ptr<secimg_public_key, Freer<secimg_public_key_free>>;
using Certificates = std::unique_ptr<secimg_certificates, Freer<secimg_certificates_free>>;
using Texts = std::unique_ptr<secimg_texts, Freer<secimg_texts_free>>;
using Recipients = std::unique_ptr<secimg_recipients, Freer<secimg_recipients_free>>;
using Identity = std::unique_ptr<secimg_identity, Freer<secimg_identity_free>>;
using Signer = std::unique_ptr<secimg_signer, Freer<secimg_signer_free>>;
using TrustedSigners = std::unique_ptr<secimg_trusted_signers, Freer<secimg_trusted_signers_free>>;
using SealOptions = std::unique_ptr<secimg_seal_options, Freer<secimg_seal_options_free>>;
using OpenOptions = std::unique_ptr<secimg_open_options, Freer<secimg_open_options_free>>;
using Description = std::unique_ptr<secimg_description, Freer<secimg_description_free>>;
using Sealer = std::unique_ptr<secimg_sealer, Freer<secimg_sealer_free>>;
using Opener = std::unique_ptr<secimg_opener, Freer<secimg_opener_free>>;
using Reader = std::unique_ptr<secimg_reader, Freer<secimg_reader_free>>;

// Makes a handle with a function whose last parameter is where the handle goes.
template <class Owner, class... Parameters, class... Arguments>
Owner make(secimg_status (*function)(Parameters...), Arguments... arguments) {
    typename Owner::pointer handle = nullptr;
    check(function(arguments..., &handle));
    return Owner(handle);
}
