import Bytes
import Crypto
import Testing

@Suite struct Ed25519PublicKeyTests {
  /// RFC 8032 §7.1, tests 1, 2 and 3.
  private static let vectors: [(key: String, message: String, signature: String)] = [
    (
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ]

  @Test(arguments: vectors)
  func `the vectors of RFC 8032 verify, and nothing near them`(
    vector: (key: String, message: String, signature: String)
  ) throws {
    let bytes = try #require(Hex.decode(vector.key))
    let message = try #require(Hex.decode(vector.message))
    let signature = try #require(Hex.decode(vector.signature))
    #expect(verifies(bytes, signature, message))
    #expect(!verifies(bytes, signature, message + [0]))
    #expect(!verifies(bytes, signature.dropLast(), message))
    #expect(!verifies(bytes, signature + [0], message))
    for index in signature.indices {
      var other = signature
      other[index] ^= 1
      #expect(!verifies(bytes, other, message))
    }
  }

  private func verifies(_ key: [UInt8], _ signature: [UInt8], _ message: [UInt8]) -> Bool {
    Ed25519PublicKey(key.span)?.verifies(signature.span, of: message.span) ?? false
  }

  @Test(arguments: [0, 31, 33, 64]) func `a key has 32 bytes`(count: Int) {
    let key = Ed25519PublicKey([UInt8](repeating: 1, count: count).span)
    #expect(key == nil)
  }
}
