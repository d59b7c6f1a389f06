// keygen KIND KEY: makes a private key (rsa, hybrid or ed25519) and KEY.pub beside it, with the library itself.
#include <secimg.h>

#include <cstdio>
#include <string>

namespace {

bool done(secimg_status status) {
    if (status != SECIMG_OK) {
        char text[512];
        secimg_last_error(text, sizeof text);
        std::fprintf(stderr, "%s: %s\n", secimg_status_name(status), text);
    }
    return status == SECIMG_OK;
}

uint32_t kindOf(const std::string &name) {
    return name == "rsa" ? SECIMG_KEY_RSA : name == "hybrid" ? SECIMG_KEY_XWING : SECIMG_KEY_ED25519;
}

} // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        std::fputs("usage: keygen rsa|hybrid|ed25519 KEY\n", stderr);
        return 2;
    }
    const std::string path = arguments[2];
    secimg_private_key *key = nullptr;
    secimg_public_key *own = nullptr;
    const bool made = done(secimg_private_key_generate(kindOf(arguments[1]), 0, &key)) &&
                      done(secimg_private_key_store(key, path.c_str(), nullptr, 0, 0)) &&
                      done(secimg_private_key_public(key, &own)) &&
                      done(secimg_public_key_store(own, (path + ".pub").c_str(), 0));
    secimg_public_key_free(own);
    secimg_private_key_free(key);
    return made ? 0 : 1;
}
