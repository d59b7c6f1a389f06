#include "support.h"

#include <string.h>

const char *kind_name(enum kind kind) {
  static const char *const names[] = {"RSA", "X-Wing", "passphrase", "raw key"};
  return names[kind];
}

/* From a file of the vectors, for making an RSA key takes time; or a new one. */
static secimg_private_key *private_key(const char *vectors, const char *file, uint32_t kind) {
  secimg_private_key *key = NULL;
  bytes pem = {NULL, 0};
  if (vectors != NULL && read_file(vectors, file, &pem)) {
    MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &key));
  } else {
    MUST_OK(secimg_private_key_generate(kind, kind == SECIMG_KEY_RSA ? 2048 : 0, &key));
  }
  bytes_drop(&pem);
  return key;
}

people people_from(const char *vectors) {
  people all;
  all.rsa = private_key(vectors, "keys/alice.pem", SECIMG_KEY_RSA);
  all.other_rsa = private_key(vectors, "keys/bob.pem", SECIMG_KEY_RSA);
  all.xwing = private_key(vectors, "keys/alice_hybrid.pem", SECIMG_KEY_XWING);
  all.other_xwing = private_key(vectors, "keys/bob_hybrid.pem", SECIMG_KEY_XWING);
  all.scanner = private_key(vectors, "keys/sender_ed25519.pem", SECIMG_KEY_ED25519);
  all.rsa_scanner = private_key(vectors, "keys/sender_rsa.pem", SECIMG_KEY_RSA);
  all.mallory = private_key(vectors, "keys/mallory_ed25519.pem", SECIMG_KEY_ED25519);
  all.raw = NULL;
  all.other_raw = NULL;
  MUST_OK(secimg_symmetric_key_generate(&all.raw));
  MUST_OK(secimg_symmetric_key_generate(&all.other_raw));
  return all;
}

void people_drop(people *gone) {
  secimg_private_key_free(gone->rsa);
  secimg_private_key_free(gone->other_rsa);
  secimg_private_key_free(gone->xwing);
  secimg_private_key_free(gone->other_xwing);
  secimg_private_key_free(gone->scanner);
  secimg_private_key_free(gone->rsa_scanner);
  secimg_private_key_free(gone->mallory);
  secimg_symmetric_key_free(gone->raw);
  secimg_symmetric_key_free(gone->other_raw);
}

secimg_public_key *public_of(const secimg_private_key *key) {
  secimg_public_key *made = NULL;
  MUST_OK(secimg_private_key_public(key, &made));
  return made;
}

static const secimg_private_key *private_of(const people *all, enum kind kind, bool other) {
  if (kind == RSA) {
    return other ? all->other_rsa : all->rsa;
  }
  return other ? all->other_xwing : all->xwing;
}

void add_recipient(secimg_recipients *recipients, const people *all, enum kind kind, bool other) {
  const char *words = other ? OTHER_WORDS : WORDS;
  if (kind == RAW) {
    MUST_OK(secimg_recipients_add_symmetric_key(recipients, other ? all->other_raw : all->raw));
  } else if (kind == PASSPHRASE) {
    MUST_OK(secimg_recipients_add_passphrase(recipients, (const uint8_t *)words, strlen(words)));
  } else {
    secimg_public_key *key = public_of(private_of(all, kind, other));
    MUST_OK(secimg_recipients_add_public_key(recipients, key));
    secimg_public_key_free(key);
  }
}

secimg_recipients *recipients_for(const people *all, enum kind kind) {
  secimg_recipients *made = NULL;
  MUST_OK(secimg_recipients_new(&made));
  add_recipient(made, all, kind, false);
  return made;
}

secimg_seal_options *seal_for(const people *all, enum kind kind) {
  secimg_recipients *recipients = recipients_for(all, kind);
  secimg_seal_options *made = NULL;
  MUST_OK(secimg_seal_options_new(recipients, &made));
  secimg_recipients_free(recipients);
  return made;
}

void add_identity(secimg_open_options *options, const people *all, enum kind kind, bool other) {
  const char *words = other ? OTHER_WORDS : WORDS;
  secimg_identity *identity = NULL;
  if (kind == RAW) {
    MUST_OK(secimg_identity_from_symmetric_key(other ? all->other_raw : all->raw, &identity));
  } else if (kind == PASSPHRASE) {
    MUST_OK(secimg_identity_from_passphrase((const uint8_t *)words, strlen(words), &identity));
  } else {
    MUST_OK(secimg_identity_from_private_key(private_of(all, kind, other), &identity));
  }
  MUST_OK(secimg_open_options_add_identity(options, identity));
  secimg_identity_free(identity);
}

static secimg_open_options *open_with(const people *all, enum kind kind, bool other) {
  secimg_open_options *made = NULL;
  MUST_OK(secimg_open_options_new(&made));
  add_identity(made, all, kind, other);
  return made;
}

secimg_open_options *open_for(const people *all, enum kind kind) { return open_with(all, kind, false); }
secimg_open_options *open_for_other(const people *all, enum kind kind) { return open_with(all, kind, true); }

void sign_with(secimg_seal_options *options, const secimg_private_key *key) {
  secimg_signer *signer = NULL;
  MUST_OK(secimg_signer_from_private_key(key, &signer));
  MUST_OK(secimg_seal_options_set_signer(options, signer));
  secimg_signer_free(signer);
}

void require_signer(secimg_open_options *options, const secimg_private_key *key) {
  secimg_public_key *trusted_key = public_of(key);
  secimg_trusted_signers *trusted = NULL;
  MUST_OK(secimg_trusted_signers_new(&trusted));
  MUST_OK(secimg_trusted_signers_add_public_key(trusted, trusted_key));
  MUST_OK(secimg_open_options_require_signer(options, trusted));
  MUST_OK(secimg_open_options_set_spooled(options, true));
  secimg_trusted_signers_free(trusted);
  secimg_public_key_free(trusted_key);
}

secimg_description *named(const char *name) {
  secimg_description *made = NULL;
  MUST_OK(secimg_description_new(&made));
  MUST_OK(secimg_description_set_name(made, name));
  return made;
}
