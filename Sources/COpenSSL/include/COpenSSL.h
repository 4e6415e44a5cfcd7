#ifndef HOOKLINE_COPENSSL_H
#define HOOKLINE_COPENSSL_H
#include <openssl/crypto.h>
#endif
