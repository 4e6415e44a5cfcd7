// OpenSSL 3 for Swift: its headers, and one static inline function for each macro that Swift does
// not import. Every shim has the name and the contract of its macro behind `hookline_`.

#ifndef HOOKLINE_COPENSSL_H
#define HOOKLINE_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// SSL_CTX_ctrl and SSL_ctrl are reached through macros.

static inline long hookline_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}

static inline long hookline_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_mode(context, mode);
}

static inline long hookline_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}

static inline long hookline_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}

static inline long hookline_SSL_set_tlsext_host_name(SSL *session, const char *name) {
  return SSL_set_tlsext_host_name(session, name);
}

// A memory BIO without data answers -1 with BIO_should_retry, not end of file.
static inline long hookline_BIO_set_mem_eof_return(BIO *bio, int value) {
  return BIO_set_mem_eof_return(bio, value);
}

static inline long hookline_BIO_get_mem_data(BIO *bio, char **data) {
  return BIO_get_mem_data(bio, data);
}

// BIO_reset's contract for memory: the contents are dropped, the memory is kept.
static inline int hookline_BIO_reset(BIO *bio) { return (int)BIO_reset(bio); }

// The stack's functions are macros over casts.
static inline int hookline_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

static inline GENERAL_NAME *hookline_sk_GENERAL_NAME_value(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

// EVP_EC_gen is a cast around the variadic EVP_PKEY_Q_keygen.
static inline EVP_PKEY *hookline_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }

// The macro imports as a Swift String, whose C pointer would end before the parameter list does.
static inline const char *hookline_OSSL_MAC_PARAM_DIGEST(void) { return OSSL_MAC_PARAM_DIGEST; }

static const unsigned long long hookline_SSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;
static const unsigned long long hookline_SSL_OP_NO_COMPRESSION = SSL_OP_NO_COMPRESSION;
static const unsigned long long hookline_SSL_OP_CIPHER_SERVER_PREFERENCE =
    SSL_OP_CIPHER_SERVER_PREFERENCE;

#endif
