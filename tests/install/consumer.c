/* Seals a picture with what is installed, opens it, and holds the versions of header and library against each other.
 * The first argument is the version that should be installed. */
#include <secimg.h>

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            char text[256] = "";                                                  \
            secimg_last_error(text, sizeof text);                                 \
            fprintf(stderr, "line %d: %s is false; %s\n", __LINE__, #condition, text); \
            return 1;                                                             \
        }                                                                         \
    } while (0)

static int versions(const char *installed)
{
    CHECK(strcmp(secimg_version_string(), installed) == 0);
    CHECK(strcmp(SECIMG_VERSION_STRING, installed) == 0);
    CHECK(secimg_version_number() == SECIMG_VERSION_NUMBER);
    CHECK(secimg_abi_version() == SECIMG_ABI_VERSION);
    return 0;
}

static int round_trip(const secimg_seal_options *seal, const secimg_open_options *open)
{
    static const uint8_t picture[] = "GIF89a, and the rest of a picture";
    uint8_t sealed[16384], opened[sizeof sealed];
    size_t sealed_len = 0, opened_len = 0;

    CHECK(secimg_encrypt(seal, NULL, picture, sizeof picture, sealed, sizeof sealed, &sealed_len) == SECIMG_OK);
    CHECK(secimg_decrypt(open, sealed, sealed_len, opened, sizeof opened, &opened_len, NULL) == SECIMG_OK);
    CHECK(opened_len == sizeof picture && memcmp(opened, picture, opened_len) == 0);

    sealed[sealed_len - 1] ^= 1;
    CHECK(secimg_decrypt(open, sealed, sealed_len, opened, sizeof opened, &opened_len, NULL) == SECIMG_ERR_NOT_AUTHENTIC);
    return 0;
}

int main(int argc, char **argv)
{
    secimg_symmetric_key *key = NULL;
    secimg_recipients *recipients = NULL;
    secimg_seal_options *seal = NULL;
    secimg_identity *identity = NULL;
    secimg_open_options *open = NULL;

    CHECK(argc == 2);
    if (versions(argv[1]) != 0)
        return 1;

    CHECK(secimg_symmetric_key_generate(&key) == SECIMG_OK);
    CHECK(secimg_recipients_new(&recipients) == SECIMG_OK);
    CHECK(secimg_recipients_add_symmetric_key(recipients, key) == SECIMG_OK);
    CHECK(secimg_seal_options_new(recipients, &seal) == SECIMG_OK);
    CHECK(secimg_identity_from_symmetric_key(key, &identity) == SECIMG_OK);
    CHECK(secimg_open_options_new(&open) == SECIMG_OK);
    CHECK(secimg_open_options_add_identity(open, identity) == SECIMG_OK);
    if (round_trip(seal, open) != 0)
        return 1;

    secimg_open_options_free(open);
    secimg_identity_free(identity);
    secimg_seal_options_free(seal);
    secimg_recipients_free(recipients);
    secimg_symmetric_key_free(key);
    printf("secimg %s opens what it sealed, from C\n", secimg_version_string());
    return 0;
}
