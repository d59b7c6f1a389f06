/* Each handle where one of another kind belongs: told apart, refused, and unharmed. */
#include "abuse.h"

#include <string.h>

enum { PRIVATE, PUBLIC, SYMMETRIC, RECIPIENTS, IDENTITY, SIGNER, TRUSTED, SEAL, OPEN, DESCRIPTION, SEALER, OPENER,
       READER, REPORT, OPENED, SURVEY, REDACTION, REDACTED, UNREDACTED, STRIPPED, HANDLES };

static void *handles[HANDLES];

/* Every function that takes a handle, with that of number `wrong` in its place. `own` is the kind that it wants. */
static void functions(int wrong) {
  const void *h = handles[wrong];
  void *m = handles[wrong];
  uint8_t out32[32];
  const uint8_t *data = NULL;
  size_t len = 0;
  uint32_t event = 0;
#define ODD(kind, call)                                                                                                \
  do {                                                                                                                 \
    if (wrong != (kind)) {                                                                                             \
      CHECK_STATUS(call, SECIMG_ERR_INVALID_ARGUMENT);                                                                 \
    }                                                                                                                  \
  } while (0)
  check_about("handle %d where another belongs", wrong);
  secimg_buf buf;
  secimg_public_key *key = NULL;
  secimg_identity *identity = NULL;
  secimg_signer *signer = NULL;
  secimg_seal_options *seal = NULL;
  secimg_sealer *sealer = NULL;
  secimg_opener *opener = NULL;
  secimg_opened *opened = NULL;
  secimg_reader *reader = NULL;
  secimg_report *report = NULL;
  secimg_redacted *redacted = NULL;
  secimg_unredacted *restored = NULL;
  secimg_rect rect;
  ODD(PRIVATE, secimg_private_key_to_pem(h, NULL, 0, &buf));
  ODD(PRIVATE, secimg_private_key_store(h, "never.key", NULL, 0, 0));
  ODD(PRIVATE, secimg_private_key_public(h, &key));
  ODD(PRIVATE, secimg_identity_from_private_key(h, &identity));
  ODD(PRIVATE, secimg_signer_from_private_key(h, &signer));
  ODD(PUBLIC, secimg_public_key_to_pem(h, &buf));
  ODD(PUBLIC, secimg_public_key_store(h, "never.pub", 0));
  ODD(PUBLIC, secimg_public_key_spki(h, &data, &len));
  ODD(PUBLIC, secimg_public_key_fingerprint(h, out32));
  ODD(PUBLIC, secimg_recipients_add_public_key(handles[RECIPIENTS], h));
  ODD(PUBLIC, secimg_trusted_signers_add_public_key(handles[TRUSTED], h));
  ODD(SYMMETRIC, secimg_symmetric_key_export(h, out32));
  ODD(SYMMETRIC, secimg_symmetric_key_to_text(h, &buf));
  ODD(SYMMETRIC, secimg_symmetric_key_store(h, "never.sym", 0));
  ODD(SYMMETRIC, secimg_symmetric_key_fingerprint(h, out32));
  ODD(SYMMETRIC, secimg_recipients_add_symmetric_key(handles[RECIPIENTS], h));
  ODD(SYMMETRIC, secimg_identity_from_symmetric_key(h, &identity));
  ODD(RECIPIENTS, secimg_recipients_add_passphrase(m, out32, 1));
  ODD(RECIPIENTS, secimg_recipients_allow_mixing(m));
  ODD(RECIPIENTS, secimg_seal_options_new(h, &seal));
  ODD(RECIPIENTS, secimg_rewrap(handles[OPEN], h, out32, 1, &buf));
  ODD(IDENTITY, secimg_open_options_add_identity(handles[OPEN], h));
  ODD(SIGNER, secimg_seal_options_set_signer(handles[SEAL], h));
  ODD(TRUSTED, secimg_open_options_require_signer(handles[OPEN], h));
  ODD(SEAL, secimg_seal_options_set_padded(m, true));
  ODD(SEAL, secimg_seal_options_set_threads(m, 2));
  ODD(SEAL, secimg_sealed_size(h, NULL, NULL, 0, 0, &(uint64_t){0}));
  ODD(SEAL, secimg_encrypt(h, NULL, NULL, 0, NULL, 0, &len));
  ODD(SEAL, secimg_sealer_new(h, &sealer));
  ODD(OPEN, secimg_open_options_set_spooled(m, true));
  ODD(OPEN, secimg_open_options_set_threads(m, 2));
  ODD(OPEN, secimg_decrypt(h, out32, 1, NULL, 0, &len, &report));
  ODD(OPEN, secimg_decrypt_all(h, out32, 1, &opened));
  ODD(OPEN, secimg_verify(h, out32, 1, &report));
  ODD(OPEN, secimg_opener_new(h, &opener));
  ODD(OPEN, secimg_reader_open_memory(h, out32, 1, &reader));
  ODD(DESCRIPTION, secimg_description_set_name(m, "name"));
  ODD(DESCRIPTION, secimg_encrypt(handles[SEAL], h, NULL, 0, NULL, 0, &len));
  ODD(SEALER, secimg_sealer_end_item(m));
  ODD(SEALER, secimg_sealer_peek(h, &data, &len));
  ODD(SEALER, secimg_sealer_consume(m, 0));
  ODD(OPENER, secimg_opener_event(m, &event));
  ODD(OPENER, secimg_opener_push(m, out32, 1, &len));
  ODD(OPENER, secimg_opener_finish(m, &report));
  ODD(READER, secimg_reader_read(m, out32, 1, &len));
  ODD(READER, secimg_reader_select(m, 0));
  ODD(REPORT, secimg_report_transfer_id(h, out32));
  ODD(OPENED, secimg_opened_image(h, 0, &data, &len));
  ODD(SURVEY, secimg_survey_transfer_id(h, out32));
  ODD(SEAL, secimg_redact(h, handles[REDACTION], NULL, out32, 1, &redacted));
  ODD(REDACTION, secimg_redact(handles[SEAL], h, NULL, out32, 1, &redacted));
  ODD(DESCRIPTION, secimg_redact(handles[SEAL], handles[REDACTION], h, out32, 1, &redacted));
  ODD(OPEN, secimg_unredact(h, out32, 1, NULL, 0, &restored));
  ODD(REDACTION, secimg_redaction_add_rect(m, 0, 0, 1, 1));
  ODD(REDACTION, secimg_redaction_set_whole(m, 1));
  ODD(REDACTED, secimg_redacted_image(h, &data, &len));
  ODD(REDACTED, secimg_redacted_rect(h, 0, &rect));
  ODD(UNREDACTED, secimg_unredacted_image(h, &data, &len));
  ODD(UNREDACTED, secimg_unredacted_rect(h, 0, &rect));
  ODD(STRIPPED, secimg_stripped_image(h, &data, &len));
  CHECK(wrong == REDACTED || secimg_redacted_width(h) == 0);
  CHECK(wrong == UNREDACTED || secimg_unredacted_report(h) == NULL);
  CHECK(wrong == STRIPPED || secimg_stripped_count(h) == 0);
  CHECK(redacted == NULL && restored == NULL);
  CHECK(wrong == RECIPIENTS || secimg_recipients_count(h) == 0);
  CHECK(wrong == PUBLIC || secimg_public_key_kind(h) == 0);
  CHECK(wrong == REPORT || secimg_report_item_count(h) == 0);
  CHECK(wrong == OPENED || secimg_opened_report(h) == NULL);
  CHECK(wrong == SEALER || secimg_sealer_state(h) == SECIMG_STATE_FAILED);
  CHECK(wrong == OPENER || secimg_opener_state(h) == SECIMG_STATE_FAILED);
  CHECK(wrong == READER || secimg_reader_len(h) == 0);
  CHECK(secimg_manifest_format(h) == NULL);
  CHECK(secimg_texts_count(h) == 0);
  CHECK(secimg_certificates_count(h) == 0);
  CHECK(key == NULL && identity == NULL && signer == NULL && seal == NULL && sealer == NULL);
  CHECK(opener == NULL && opened == NULL && reader == NULL && report == NULL);
#undef ODD
  /* Freed as another kind: nothing happens, and it can still be freed as its own. */
  if (wrong != SURVEY) {
    secimg_survey_free(m);
  }
  if (wrong != PUBLIC) {
    secimg_public_key_free(m);
  }
  secimg_texts_free(m);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  secimg_seal_options *seal = seal_for(&all, RAW);
  secimg_open_options *open = open_for(&all, RAW);
  bytes image = pattern(100, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  secimg_identity *identity = NULL;
  secimg_signer *signer = NULL;
  secimg_trusted_signers *trusted = NULL;
  secimg_sealer *sealer = NULL;
  secimg_opener *opener = NULL;
  secimg_reader *reader = NULL;
  secimg_report *report = NULL;
  secimg_opened *opened = NULL;
  secimg_survey *survey = NULL;
  secimg_public_key *key = public_of(all.scanner);
  secimg_recipients *recipients = recipients_for(&all, RAW);
  secimg_description *description = named("name");
  MUST_OK(secimg_identity_from_symmetric_key(all.raw, &identity));
  MUST_OK(secimg_signer_from_private_key(all.scanner, &signer));
  MUST_OK(secimg_trusted_signers_new(&trusted));
  MUST_OK(secimg_sealer_new(seal, &sealer));
  MUST_OK(secimg_opener_new(open, &opener));
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
  MUST_OK(secimg_decrypt_all(open, sealed.data, sealed.len, &opened));
  MUST_OK(secimg_inspect(sealed.data, sealed.len, &survey));
  secimg_redaction *redaction = NULL;
  secimg_redacted *redacted = NULL;
  secimg_unredacted *restored = NULL;
  secimg_stripped *stripped = NULL;
  const uint8_t *redacted_image = NULL;
  size_t redacted_len = 0;
  bytes picture = noise_png(4, 4, 1);
  MUST_OK(secimg_redaction_new(&redaction));
  MUST_OK(secimg_redaction_add_rect(redaction, 1, 1, 1, 1));
  MUST_OK(secimg_redact(seal, redaction, NULL, picture.data, picture.len, &redacted));
  MUST_OK(secimg_redacted_image(redacted, &redacted_image, &redacted_len));
  MUST_OK(secimg_unredact(open, redacted_image, redacted_len, NULL, 0, &restored));
  /* The sealed part is no metadata that a picture needs: it goes. */
  MUST_OK(secimg_strip(redacted_image, redacted_len, &stripped));
  void *const made[HANDLES] = {all.rsa, key,         all.raw, recipients, identity, signer, trusted, seal,
                               open,    description, sealer,  opener,     reader,   report, opened,  survey,
                               redaction, redacted, restored, stripped};
  memcpy(handles, made, sizeof made);
  for (int wrong = 0; wrong < HANDLES; wrong++) {
    functions(wrong);
  }
  /* All of them are what they were. */
  check_opens(open, sealed, image);
  CHECK_EQ(secimg_survey_stream_bytes(survey), sealed.len);
  CHECK_EQ(secimg_redacted_width(redacted), 4);
  CHECK_EQ(secimg_unredacted_rect_count(restored), 1);
  CHECK_EQ(secimg_stripped_count(stripped), 1);
  secimg_stripped_free(stripped);
  secimg_unredacted_free(restored);
  secimg_redacted_free(redacted);
  secimg_redaction_free(redaction);
  bytes_drop(&picture);
  secimg_survey_free(survey);
  secimg_opened_free(opened);
  secimg_report_free(report);
  secimg_reader_free(reader);
  secimg_opener_free(opener);
  secimg_sealer_free(sealer);
  secimg_description_free(description);
  secimg_recipients_free(recipients);
  secimg_trusted_signers_free(trusted);
  secimg_signer_free(signer);
  secimg_identity_free(identity);
  secimg_public_key_free(key);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  people_drop(&all);
  return check_end();
}
