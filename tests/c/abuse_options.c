/* Recipients, identities, signers, options and descriptions, called as they must not be called. */
#include "abuse.h"

#include <string.h>

static void free_nothing(void) {
  secimg_recipients_free(NULL);
  secimg_identity_free(NULL);
  secimg_signer_free(NULL);
  secimg_trusted_signers_free(NULL);
  secimg_seal_options_free(NULL);
  secimg_open_options_free(NULL);
  secimg_description_free(NULL);
  CHECK_EQ(secimg_recipients_count(NULL), 0);
  CHECK_EQ(secimg_trusted_signers_count(NULL), 0);
}

static void recipients(const people *all) {
  secimg_recipients *list = NULL;
  secimg_public_key *key = public_of(all->rsa);
  secimg_recipient_callbacks callbacks;
  const uint8_t *pass = (const uint8_t *)"pass";
  check_about("recipients");
  memset(&callbacks, 0, sizeof callbacks);
  NULLED(secimg_recipients_new(NULL));
  MUST_OK(secimg_recipients_new(&list));
  NULLED(secimg_recipients_add_public_key(NULL, key));
  NULLED(secimg_recipients_add_public_key(list, NULL));
  NO_HANDLE(secimg_texts, secimg_recipients_add_certificates(NULL, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_texts, secimg_recipients_add_certificates(list, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_recipients_add_symmetric_key(NULL, all->raw));
  NULLED(secimg_recipients_add_symmetric_key(list, NULL));
  NULLED(secimg_recipients_add_passphrase(NULL, pass, 4));
  BAD_SLICES_IN(secimg_recipients_add_passphrase(list, data, len));
  /* No words, and bytes that are no text, are no passphrase. */
  CHECK_STATUS(secimg_recipients_add_passphrase(list, NULL, 0), SECIMG_ERR_KEY);
  CHECK_STATUS(secimg_recipients_add_passphrase(list, (const uint8_t *)"\xff\xfe", 2), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_recipients_add_callbacks(list, NULL));
  REFUSED(secimg_recipients_add_callbacks(list, &callbacks));
  callbacks.struct_size = sizeof callbacks;
  NULLED(secimg_recipients_add_callbacks(list, &callbacks));
  NULLED(secimg_recipients_add_callbacks(NULL, &callbacks));
  NULLED(secimg_recipients_allow_mixing(NULL));
  CHECK_EQ(secimg_recipients_count(list), 0);
  /* Nobody is nobody to seal for. */
  secimg_seal_options *options = NULL;
  if (secimg_seal_options_new(list, &options) == SECIMG_OK) {
    NO_HANDLE(secimg_sealer, secimg_sealer_new(options, &out), SECIMG_ERR_KEY);
  }
  secimg_seal_options_free(options);
  /* The same one twice, and a passphrase beside another recipient. */
  options = NULL;
  MUST_OK(secimg_recipients_add_public_key(list, key));
  secimg_status status = secimg_recipients_add_passphrase(list, pass, 4);
  if (status == SECIMG_OK) {
    MUST_OK(secimg_seal_options_new(list, &options));
    NO_HANDLE(secimg_sealer, secimg_sealer_new(options, &out), SECIMG_ERR_KEY);
    secimg_seal_options_free(options);
  } else {
    CHECK_STATUS(status, SECIMG_ERR_KEY);
  }
  secimg_recipients_free(list);
  secimg_public_key_free(key);
}

static void identities_and_signers(const people *all) {
  secimg_identity_callbacks unwraps;
  secimg_signer_callbacks signs;
  check_about("identities and signers");
  memset(&unwraps, 0, sizeof unwraps);
  memset(&signs, 0, sizeof signs);
  NULLED(secimg_identity_from_private_key(all->rsa, NULL));
  NO_HANDLE(secimg_identity, secimg_identity_from_private_key(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_identity_from_symmetric_key(all->raw, NULL));
  NO_HANDLE(secimg_identity, secimg_identity_from_symmetric_key(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_identity_from_passphrase((const uint8_t *)"x", 1, NULL));
  BAD_SLICES(secimg_identity, secimg_identity_from_passphrase(data, len, &out));
  NO_HANDLE(secimg_identity, secimg_identity_from_passphrase(NULL, 0, &out), SECIMG_ERR_KEY);
  NULLED(secimg_identity_from_callbacks(&unwraps, NULL));
  NO_HANDLE(secimg_identity, secimg_identity_from_callbacks(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_identity, secimg_identity_from_callbacks(&unwraps, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_signer_from_private_key(all->scanner, NULL));
  NO_HANDLE(secimg_signer, secimg_signer_from_private_key(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_signer_from_callbacks(&signs, NULL));
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(&signs, &out), SECIMG_ERR_INVALID_ARGUMENT);
  signs.struct_size = sizeof signs;
  signs.algorithm = 3;
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(&signs, &out), SECIMG_ERR_INVALID_ARGUMENT);
  signs.algorithm = SECIMG_SIGNATURE_NONE;
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(&signs, &out), SECIMG_ERR_INVALID_ARGUMENT);
  signs.algorithm = SECIMG_SIGNATURE_ED25519;
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(&signs, &out), SECIMG_ERR_KEY);
  signs.spki_len = 44;
  NO_HANDLE(secimg_signer, secimg_signer_from_callbacks(&signs, &out), SECIMG_ERR_NULL_POINTER);
}

static void trusted_signers(const people *all) {
  secimg_trusted_signers *list = NULL;
  secimg_public_key *key = public_of(all->scanner);
  check_about("trusted signers");
  NULLED(secimg_trusted_signers_new(NULL));
  MUST_OK(secimg_trusted_signers_new(&list));
  NULLED(secimg_trusted_signers_add_public_key(NULL, key));
  NULLED(secimg_trusted_signers_add_public_key(list, NULL));
  NO_HANDLE(secimg_texts, secimg_trusted_signers_add_certificates(NULL, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_texts, secimg_trusted_signers_add_certificates(list, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(secimg_trusted_signers_count(list), 0);
  secimg_trusted_signers_free(list);
  secimg_public_key_free(key);
}

static void seal_options(const people *all) {
  secimg_recipients *list = recipients_for(all, RAW);
  secimg_seal_options *options = NULL;
  secimg_signer *signer = NULL;
  check_about("seal options");
  MUST_OK(secimg_signer_from_private_key(all->scanner, &signer));
  NULLED(secimg_seal_options_new(list, NULL));
  NO_HANDLE(secimg_seal_options, secimg_seal_options_new(NULL, &out), SECIMG_ERR_NULL_POINTER);
  MUST_OK(secimg_seal_options_new(list, &options));
  NULLED(secimg_seal_options_set_signer(NULL, signer));
  NULLED(secimg_seal_options_set_signer(options, NULL));
  NULLED(secimg_seal_options_set_signing_time(NULL, 1));
  NULLED(secimg_seal_options_set_context(NULL, NULL, 0));
  BAD_SLICES_IN(secimg_seal_options_set_context(options, data, len));
  CHECK_OK(secimg_seal_options_set_context(options, NULL, 0));
  NULLED(secimg_seal_options_set_suite(NULL, 1));
  REFUSED(secimg_seal_options_set_suite(options, 0));
  REFUSED(secimg_seal_options_set_suite(options, 3));
  REFUSED(secimg_seal_options_set_suite(options, 0x10001));
  NULLED(secimg_seal_options_set_chunk_log2(NULL, 16));
  for (uint32_t log2 = 0; log2 < 300; log2++) {
    CHECK_STATUS(secimg_seal_options_set_chunk_log2(options, log2),
                 log2 >= 12 && log2 <= 23 ? SECIMG_OK : SECIMG_ERR_INVALID_ARGUMENT);
  }
  REFUSED(secimg_seal_options_set_chunk_log2(options, 0x100 + 16));
  NULLED(secimg_seal_options_set_digests(NULL, true));
  NULLED(secimg_seal_options_set_padded(NULL, true));
  NULLED(secimg_seal_options_set_threads(NULL, 2));
  NULLED(secimg_seal_options_set_progress(NULL, NULL, NULL));
  CHECK_OK(secimg_seal_options_set_progress(options, NULL, anchor));
  secimg_signer_free(signer);
  secimg_recipients_free(list);
  secimg_seal_options_free(options);
}

static void open_options(const people *all) {
  secimg_open_options *options = NULL;
  secimg_identity *identity = NULL;
  secimg_trusted_signers *trusted = NULL;
  check_about("open options");
  MUST_OK(secimg_identity_from_symmetric_key(all->raw, &identity));
  MUST_OK(secimg_trusted_signers_new(&trusted));
  NULLED(secimg_open_options_new(NULL));
  MUST_OK(secimg_open_options_new(&options));
  NULLED(secimg_open_options_add_identity(NULL, identity));
  NULLED(secimg_open_options_add_identity(options, NULL));
  NULLED(secimg_open_options_require_signer(NULL, trusted));
  NULLED(secimg_open_options_require_signer(options, NULL));
  NULLED(secimg_open_options_set_signing_window(NULL, 1, 1));
  CHECK_OK(secimg_open_options_set_signing_window(options, UINT64_MAX, UINT64_MAX));
  NULLED(secimg_open_options_set_context(NULL, NULL, 0));
  BAD_SLICES_IN(secimg_open_options_set_context(options, data, len));
  NULLED(secimg_open_options_set_max_stream_bytes(NULL, 1));
  CHECK_OK(secimg_open_options_set_max_stream_bytes(options, UINT64_MAX));
  NULLED(secimg_open_options_set_max_items(NULL, 1));
  CHECK_OK(secimg_open_options_set_max_items(options, SIZE_MAX));
  NULLED(secimg_open_options_set_spooled(NULL, true));
  NULLED(secimg_open_options_set_threads(NULL, 2));
  NULLED(secimg_open_options_set_progress(NULL, NULL, NULL));
  /* An opener with a required signer starts only with the promise to hold its output back. */
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_opener *opener = NULL;
  size_t taken = 0;
  bytes image = pattern(10, 1);
  sign_with(seal, all->scanner);
  bytes sealed = seal_at_once(seal, NULL, image);
  MUST_OK(secimg_open_options_add_identity(options, identity));
  MUST_OK(secimg_open_options_require_signer(options, trusted));
  MUST_OK(secimg_open_options_set_spooled(options, false));
  secimg_status status = secimg_opener_new(options, &opener);
  while (status == SECIMG_OK) {
    status = secimg_opener_push(opener, sealed.data, sealed.len, &taken);
  }
  CHECK_STATUS(status, SECIMG_ERR_STATE);
  secimg_opener_free(opener);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_seal_options_free(seal);
  secimg_trusted_signers_free(trusted);
  secimg_identity_free(identity);
  secimg_open_options_free(options);
}

static void descriptions(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_description *described = NULL;
  static char longest[65537];
  check_about("descriptions");
  NULLED(secimg_description_new(NULL));
  MUST_OK(secimg_description_new(&described));
  NULLED(secimg_description_set_name(NULL, "name"));
  NULLED(secimg_description_set_name(described, NULL));
  REFUSED(secimg_description_set_name(described, "\xff"));
  NULLED(secimg_description_set_time(NULL, 0));
  NULLED(secimg_description_set_preview(NULL, NULL, 0));
  NULLED(secimg_description_set_preview(described, NULL, 1));
  REFUSED(secimg_description_set_preview(described, (const uint8_t *)longest, 65537));
  REFUSED(secimg_description_set_preview(described, (const uint8_t *)longest, SIZE_MAX));
  NULLED(secimg_description_set_attribute(NULL, "a", "b"));
  NULLED(secimg_description_set_attribute(described, NULL, "b"));
  NULLED(secimg_description_set_attribute(described, "a", NULL));
  REFUSED(secimg_description_set_attribute(described, "\xff", "b"));
  REFUSED(secimg_description_set_attribute(described, "a", "\xff"));
  NULLED(secimg_description_set_format(NULL, "raw", "a/b"));
  NULLED(secimg_description_set_format(described, NULL, "a/b"));
  NULLED(secimg_description_set_format(described, "raw", NULL));
  NULLED(secimg_description_set_dimensions(NULL, 1, 1, 1, 1, 1));
  /* Dimensions need a format. */
  const secimg_status early = secimg_description_set_dimensions(described, 1, 1, 1, 1, 1);
  CHECK(early == SECIMG_ERR_STATE || early == SECIMG_ERR_INVALID_ARGUMENT);
  /* What the format does not allow is refused: here, or when an image is started with it. */
  memset(longest, 'n', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  secimg_status status = secimg_description_set_name(described, longest);
  if (status == SECIMG_OK) {
    secimg_sealer *sealer = NULL;
    MUST_OK(secimg_sealer_new(seal, &sealer));
    status = secimg_sealer_start_item(sealer, described, 1);
    CHECK_STATUS(status, SECIMG_ERR_INVALID_ARGUMENT);
    secimg_sealer_free(sealer);
  } else {
    CHECK_STATUS(status, SECIMG_ERR_INVALID_ARGUMENT);
  }
  secimg_description_free(described);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  free_nothing();
  recipients(&all);
  identities_and_signers(&all);
  trusted_signers(&all);
  seal_options(&all);
  open_options(&all);
  descriptions(&all);
  people_drop(&all);
  return check_end();
}
