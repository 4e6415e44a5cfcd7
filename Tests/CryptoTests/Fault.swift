import COpenSSL

/// Makes OpenSSL fail: no digest has this name.
func makeFault() -> OpaquePointer? {
  unsafe EVP_MD_fetch(nil, "no-such-digest", nil)
}
