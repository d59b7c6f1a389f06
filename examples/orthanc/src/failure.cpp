#include "failure.hpp"

#include <cerrno>
#include <system_error>

namespace {

std::string lastError(secimg_status status) {
    const size_t len = secimg_last_error(nullptr, 0);
    if (len == 0) {
        return secimg_status_text(status);
    }
    std::string text(len + 1, '\0');
    secimg_last_error(text.data(), text.size());
    text.resize(len);
    return text;
}

OrthancPluginErrorCode codeOf(secimg_status status) {
    switch (status) {
    case SECIMG_ERR_NOT_AUTHENTIC:
    case SECIMG_ERR_SIGNER:
    case SECIMG_ERR_FORMAT:
    case SECIMG_ERR_VERSION:
    case SECIMG_ERR_TRUNCATED:
    case SECIMG_ERR_TRAILING_BYTES:
    case SECIMG_ERR_CONTENT:
        return OrthancPluginErrorCode_CorruptedFile;
    case SECIMG_ERR_NO_MEMORY:
        return OrthancPluginErrorCode_NotEnoughMemory;
    case SECIMG_ERR_PANIC:
        return OrthancPluginErrorCode_InternalError;
    default:
        return OrthancPluginErrorCode_StorageAreaPlugin;
    }
}

} // namespace

void check(secimg_status status) {
    if (status != SECIMG_OK) {
        throw Failure(codeOf(status), lastError(status));
    }
}

void failOfSystem(const std::string &what, OrthancPluginErrorCode otherwise) {
    const int error = errno;
    OrthancPluginErrorCode code = otherwise;
    if (error == ENOSPC || error == EDQUOT) {
        code = OrthancPluginErrorCode_FullStorage;
    } else if (error == ENOENT) {
        code = OrthancPluginErrorCode_InexistentFile;
    }
    throw Failure(code, what + ": " + std::generic_category().message(error));
}
