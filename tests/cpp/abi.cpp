// A library with another ABI version than the header's is refused by the first call, whichever it is.
#include <secimg.h>

static uint32_t abi_version_of_tomorrow() { return SECIMG_ABI_VERSION + 1; }
#define secimg_abi_version abi_version_of_tomorrow

#include "check.hpp"

int main() {
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, secimg::private_key::generate(secimg::key_kind::ed25519));
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, secimg::recipients::create());
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, secimg::inspect(sample_image(10)));
}
