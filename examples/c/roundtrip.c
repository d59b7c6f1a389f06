/* Seals an image in memory, opens it again and compares: the shortest program that does it. */
#include <secimg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  static const uint8_t image[] = "the bytes of an image file";
  secimg_private_key *key = NULL;
  secimg_public_key *public_key = NULL;
  secimg_recipients *recipients = NULL;
  secimg_seal_options *seal = NULL;
  secimg_identity *identity = NULL;
  secimg_open_options *open = NULL;
  uint64_t size = 0;
  size_t sealed_len = 0;
  size_t opened_len = 0;
  uint8_t *sealed = NULL;
  uint8_t opened[sizeof image];
  char text[256];

  int well = secimg_private_key_generate(SECIMG_KEY_RSA, 0, &key) == SECIMG_OK &&
             secimg_private_key_public(key, &public_key) == SECIMG_OK &&
             secimg_recipients_new(&recipients) == SECIMG_OK &&
             secimg_recipients_add_public_key(recipients, public_key) == SECIMG_OK &&
             secimg_seal_options_new(recipients, &seal) == SECIMG_OK &&
             secimg_sealed_size(seal, NULL, image, sizeof image, sizeof image, &size) == SECIMG_OK &&
             (sealed = malloc((size_t)size)) != NULL &&
             secimg_encrypt(seal, NULL, image, sizeof image, sealed, (size_t)size, &sealed_len) == SECIMG_OK;

  well = well && secimg_identity_from_private_key(key, &identity) == SECIMG_OK &&
         secimg_open_options_new(&open) == SECIMG_OK &&
         secimg_open_options_add_identity(open, identity) == SECIMG_OK &&
         secimg_decrypt(open, sealed, sealed_len, opened, sizeof opened, &opened_len, NULL) == SECIMG_OK &&
         opened_len == sizeof image && memcmp(opened, image, sizeof image) == 0;

  if (well) {
    printf("%zu bytes sealed as %zu, opened and equal\n", sizeof image, sealed_len);
  } else {
    fprintf(stderr, "failed: %s\n", secimg_last_error(text, sizeof text) > 0 ? text : "out of memory, or not equal");
  }
  secimg_open_options_free(open);
  secimg_identity_free(identity);
  secimg_seal_options_free(seal);
  secimg_recipients_free(recipients);
  secimg_public_key_free(public_key);
  secimg_private_key_free(key);
  free(sealed);
  return well ? 0 : 1;
}
