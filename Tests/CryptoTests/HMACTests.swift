import Foundation
import TestSupport
import Testing

@testable import Crypto

/// One row of `signatures/hmac-rfc.json`: a vector of RFC 2202 or RFC 4231.
private struct HMACVector: Decodable, CustomTestStringConvertible {
  let rfc: String
  let `case`: Int
  let algorithm: String
  let key_hex: String
  let data_hex: String
  let digest_hex: String

  var testDescription: String { "RFC \(rfc) case \(`case`), \(algorithm)" }

  static let all: [HMACVector] =
    (try? JSONDecoder().decode(
      [HMACVector].self, from: Data(SharedData.bytes("signatures/hmac-rfc.json")))) ?? []
}

/// A request of `signatures/signatures.json`, as far as a plain HMAC over the body goes.
private struct SignatureVector: Decodable {
  let id: String
  let scheme: String
  let secret: String
  let headers: [[String]]
  let body_b64: String
  let valid: Bool
  let more_secrets: [String]?

  static func all() throws -> [SignatureVector] {
    try JSONDecoder().decode(
      [SignatureVector].self, from: Data(SharedData.bytes("signatures/signatures.json")))
  }
}

private func bytes(hex: String) throws -> [UInt8] {
  let digits = Array(hex.utf8)
  return try stride(from: 0, to: digits.count - 1, by: 2).map {
    try #require(UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16))
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite struct HMACTests {
  @Test func `GitHub's published example has the published signature`() {
    let code = HMAC.sha256(
      key: SecretBytes("It's a Secret to Everybody"), message: Array("Hello, World!".utf8))
    #expect(
      hex(code) == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
  }

  @Test func `an empty key is the empty key and not the one of the shared context`() {
    let code = HMAC.sha256(key: SecretBytes(""), message: [])
    #expect(
      hex(code) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"), arguments: HMACVector.all)
  fileprivate func `the RFCs' vectors hold at once and byte by byte`(
    _ vector: HMACVector
  ) throws {
    let algorithm = try #require(DigestAlgorithm(rawValue: vector.algorithm))
    let key = HMACKey(algorithm, secret: SecretBytes(try bytes(hex: vector.key_hex)))
    let message = try bytes(hex: vector.data_hex)

    let whole = hex(HMAC.compute(key: key, message: message.span))
    var code = HMAC(key: key)
    for byte in message { code.update([byte]) }

    // RFC 4231 case 5 is cut to 128 bits.
    #expect(whole.hasPrefix(vector.digest_hex))
    #expect(vector.case == 5 || whole.count == vector.digest_hex.count)
    #expect(hex(code.finalize()) == whole)
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func `there are as many RFC vectors as the data's own description says`() {
    #expect(HMACVector.all.count == 28)
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func `the signature of every valid GitHub request is the code of its body`() throws {
    let vectors = try SignatureVector.all().filter { $0.scheme == "github" && $0.valid }
    #expect(vectors.count == 22)
    for vector in vectors {
      let header = try #require(
        vector.headers.first { $0[0].lowercased() == "x-hub-signature-256" }?[1])
      let body = try #require(Data(base64Encoded: vector.body_b64))
      let codes = ([vector.secret] + (vector.more_secrets ?? [])).map {
        "sha256=" + hex(HMAC.sha256(key: SecretBytes($0), message: [UInt8](body)))
      }
      #expect(codes.contains(header.lowercased()), "\(vector.id)")
    }
  }

  @Test func `one key serves many threads at once`() async {
    let key = HMACKey(.sha256, secret: SecretBytes("It's a Secret to Everybody"))
    let message = Array("Hello, World!".utf8)
    let expected = HMAC.compute(key: key, message: message.span)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<500).allSatisfy { _ in HMAC.compute(key: key, message: message.span) == expected }
        }
      }
      for await same in group { #expect(same) }
    }
  }
}

@Suite struct DigestTests {
  // NIST's examples (FIPS 180-4) for "abc" and for no bytes.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  ])
  func `SHA-256 gives NIST's digests`(message: String, digest: String) {
    #expect(hex(Digest.sha256(Array(message.utf8))) == digest)
  }

  @Test(arguments: DigestAlgorithm.allCases)
  func `a message in two pieces has the digest of the whole at every split`(
    algorithm: DigestAlgorithm
  ) {
    let message = (0..<150).map { UInt8($0) }
    let whole = Digest.compute(algorithm, of: message.span)
    #expect(whole.count == algorithm.byteCount)
    for split in 0...message.count {
      var hasher = DigestHasher(algorithm)
      hasher.update(Array(message[..<split]).span)
      hasher.update(Array(message[split...]).span)
      #expect(hasher.finalize() == whole)
    }
  }

  @Test func `the SHA-256 hasher takes pieces`() {
    var hasher = SHA256Hasher()
    hasher.update(Array("a".utf8))
    hasher.update(Array("bc".utf8).span)
    #expect(hasher.finalize() == Digest.sha256(Array("abc".utf8)))
  }
}
