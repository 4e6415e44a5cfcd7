import Testing

@testable import Crypto

@Suite struct SecretBytesTests {
  @Test func `nothing that prints shows the bytes`() {
    let secret = SecretBytes("hunter2-hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
      #expect(text.contains("<secret>"))
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("memory"))
    }
  }

  @Test(arguments: [
    ("", true, true), (" \t\r\n\u{b}\u{c}\u{0}", false, true), ("\n", false, true),
    (" x", false, false), ("\u{a0}", false, false),
  ])
  func `blank means nothing but ASCII white space`(text: String, empty: Bool, blank: Bool) {
    let secret = SecretBytes(text)
    #expect(secret.isEmpty == empty)
    #expect(secret.isBlank == blank)
  }

  @Test func `the bytes come back as they went in`() {
    let bytes = (0...255).map { UInt8($0) }
    let secret = SecretBytes(bytes)
    #expect(secret.count == 256)
    #expect(secret.withBytes { span in span.indices.map { span[$0] } } == bytes)
  }

  @Test func `a presented value matches only when it is the same bytes`() {
    let secret = SecretBytes("token-1")
    #expect(secret.matches(Array("token-1".utf8)))
    for other in ["", "token-", "token-2", "Token-1", "token-1\n", "token-1\u{0}"] {
      #expect(!secret.matches(Array(other.utf8)))
    }
  }
}

@Suite struct ConstantTimeTests {
  @Test(
    arguments: [
      ([], [], true), ([0], [0], true), ([1, 2, 3], [1, 2, 3], true),
      ([1, 2, 3], [1, 2, 4], false), ([1, 2, 3], [0, 2, 3], false),
      ([1, 2, 3], [1, 2], false), ([1, 2], [1, 2, 3], false), ([], [0], false), ([0], [], false),
    ] as [([UInt8], [UInt8], Bool)])
  func `equality is that of the arrays`(first: [UInt8], second: [UInt8], equal: Bool) {
    #expect(constantTimeEqual(first, second) == equal)
  }

  @Test func `random bytes are as many as asked for and differ`() {
    #expect(randomBytes(0).isEmpty)
    #expect(randomBytes(32).count == 32)
    #expect(randomBytes(32) != randomBytes(32))
  }
}

@Suite struct OpenSSLErrorQueueTests {
  @Test func `draining takes every entry and leaves none`() {
    OpenSSLErrorQueue.clear()
    // An unknown digest leaves entries behind.
    #expect(unsafe makeFault() == nil)
    let error = CryptoError.draining("loading a digest")
    #expect(!error.faults.isEmpty)
    #expect(error.description.hasPrefix("loading a digest failed: "))
    #expect(OpenSSLErrorQueue.drain().isEmpty)
    #expect(CryptoError.draining("nothing").description == "nothing failed")
  }
}
