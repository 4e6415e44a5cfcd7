// How senders sign, as data. Every provider's scheme is a value of this type, and so is the one
// that an operator writes down for a sender that we do not know.

import Bytes
package import Crypto

/// What is signed, with what, and where the signature stands.
package struct SignatureScheme: Hashable, Sendable {
  /// A piece of the signed text.
  package enum Part: Hashable, Sendable {
    case literal(String)
    /// The body as it came or, for a sender that signs the JSON inside of a form, that JSON.
    case body
    /// The time of sending as it is written in the message.
    case timestamp
    /// The only value of a header field.
    case header(String)
  }

  /// How the digest is written.
  package enum Encoding: String, CaseIterable, Hashable, Sendable {
    case hex
    case base64
  }

  /// What the value of the signature's header looks like.
  package enum Grammar: Hashable, Sendable {
    /// `prefix digest`, the prefix may be empty: `sha256=…`
    case single(prefix: String)
    /// `version "," digest *( SP version "," digest )`: any may match, those of other versions
    /// are for other verifiers. Source: Standard Webhooks.
    case versions(String)
    /// `key "=" value *( "," key "=" value )`, with the time under one key and the digest under
    /// another, which may come several times: `t=…,v1=…`
    case fields(timestamp: String, signature: String)
  }

  /// Where the time of sending stands, in seconds since 1970.
  package struct Timestamp: Hashable, Sendable {
    /// Its header; nil where the signature's own holds it (``Grammar/fields(timestamp:signature:)``).
    package var header: String?
    /// How far it may be from ours in either direction, in seconds.
    package var tolerance: Int

    package init(header: String? = nil, tolerance: Int = Self.toleranceDefault) {
      self.header = header
      self.tolerance = tolerance
    }

    /// What Svix, Stripe and Slack allow.
    package static let toleranceDefault = 300
  }

  /// What computes the digest.
  package enum Method: Hashable, Sendable {
    case hmac(DigestAlgorithm)
    case ed25519
  }

  package var method: Method
  /// The header that holds the signature.
  package var header: String
  package var grammar: Grammar
  package var encoding: Encoding
  /// The signed text, in order. The body is in it exactly once.
  package var content: [Part]
  package var timestamp: Timestamp?
  package var keyForm: VerificationKey.Form
  /// Further headers of which one alone says that the sender means this scheme.
  package var markers: [String] = []

  package init(
    _ method: Method, header: String, grammar: Grammar = .single(prefix: ""),
    encoding: Encoding = .hex, content: [Part] = [.body], timestamp: Timestamp? = nil,
    keyForm: VerificationKey.Form = .text
  ) {
    self.method = method
    self.header = header
    self.grammar = grammar
    self.encoding = encoding
    self.content = content
    self.timestamp = timestamp
    self.keyForm = keyForm
  }

  /// The length of what the method makes, in bytes.
  var digestByteCount: Int {
    switch method {
    case .hmac(let algorithm): algorithm.byteCount
    case .ed25519: Ed25519PublicKey.signatureByteCount
    }
  }
}

// MARK: - Reading a claim

/// What a message claims about its own signature, read from its header alone.
struct SignatureClaim: Equatable {
  /// The digests of which one must be right.
  var digests: [[UInt8]]
  /// The signed text before the body, and after it.
  var prefix: [UInt8]
  var suffix: [UInt8]
}

extension SignatureScheme {
  /// Whether the message has any header of this scheme, be it empty.
  func isMeant(by fields: HeaderLookup) -> Bool {
    ([header] + markers).contains { !fields($0).isEmpty }
  }

  /// Whether the header holds a signature of this scheme's version, where the header has versions.
  func hasOwnVersion(_ fields: HeaderLookup) -> Bool {
    guard case .versions(let version) = grammar, let value = fields(header).first else {
      return false
    }
    return !Self.values(value.utf8, separatedBy: " ", name: version, sign: ",").isEmpty
  }

  /// Reads the claim, or says why it cannot be right whatever the body and the keys are.
  ///
  /// - Parameter now: our time in seconds since 1970.
  func claim(_ fields: HeaderLookup, now: Int64) -> Result<SignatureClaim, RefusalReason> {
    do throws(RefusalReason) {
      var (digests, time) = try signatures(in: try Self.only(fields(header)))
      if let name = timestamp?.header { time = try Self.only(fields(name)) }
      if let timestamp { try Self.check(time, timestamp, now: now) }
      digests.removeAll { $0.count != digestByteCount }
      guard !digests.isEmpty else { return .failure(.malformed) }
      let (prefix, suffix) = try signedText(fields, time: time ?? "")
      return .success(SignatureClaim(digests: digests, prefix: prefix, suffix: suffix))
    } catch {
      return .failure(error)
    }
  }

  /// The value of a header that must be there once and have one.
  private static func only(_ values: [String]) throws(RefusalReason) -> String {
    guard let value = values.first else { throw .missing }
    guard values.count == 1 else { throw .repeated }
    guard !value.isEmpty else { throw .missing }
    return value
  }

  private static func check(
    _ time: String?, _ rule: Timestamp, now: Int64
  ) throws(RefusalReason) {
    guard let time, let seconds = Decimal.parse(time.utf8), let sent = Int64(exactly: seconds)
    else { throw .malformed }
    let (age, overflow) = now.subtractingReportingOverflow(sent)
    guard !overflow, age.magnitude <= UInt64(clamping: rule.tolerance) else { throw .stale }
  }

  /// The digests in the header's value, and the time, where the value holds it.
  private func signatures(
    in value: String
  ) throws(RefusalReason) -> (digests: [[UInt8]], time: String?) {
    switch grammar {
    case .single(let prefix):
      guard value.utf8.starts(with: prefix.utf8) else { throw .malformed }
      let digits = value.utf8.dropFirst(prefix.utf8.count)
      guard !digits.isEmpty else { throw .missing }
      guard let digest = decode(digits) else { throw .malformed }
      return ([digest], nil)
    case .versions(let version):
      return (digests(value.utf8, separatedBy: " ", name: version, sign: ","), nil)
    case .fields(let timestamp, let signature):
      let times = Self.values(value.utf8, separatedBy: ",", name: timestamp, sign: "=")
      guard times.count == 1, let time = times.first else { throw .malformed }
      let found = digests(value.utf8, separatedBy: ",", name: signature, sign: "=")
      return (found, String(Substring(time)))
    }
  }

  private func digests(
    _ text: String.UTF8View, separatedBy separator: Unicode.Scalar, name: String,
    sign: Unicode.Scalar
  ) -> [[UInt8]] {
    Self.values(text, separatedBy: separator, name: name, sign: sign)
      .prefix(Self.digestLimit).compactMap { decode($0) }
  }

  private static func values(
    _ text: String.UTF8View, separatedBy separator: Unicode.Scalar, name: String,
    sign: Unicode.Scalar
  ) -> [Substring.UTF8View] {
    text.split(separator: UInt8(ascii: separator)).compactMap { entry in
      let parts = entry.split(
        separator: UInt8(ascii: sign), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].elementsEqual(name.utf8) else { return nil }
      return parts[1]
    }
  }

  private func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    switch encoding {
    case .hex: Hex.decode(Array(text).span)
    case .base64: Base64.decode(text)
    }
  }

  private func signedText(
    _ fields: HeaderLookup, time: String
  ) throws(RefusalReason) -> (prefix: [UInt8], suffix: [UInt8]) {
    var prefix: [UInt8] = []
    var suffix: [UInt8] = []
    var isBehindBody = false
    for part in content {
      var text = ""
      switch part {
      case .body:
        isBehindBody = true
        continue
      case .literal(let literal): text = literal
      case .timestamp: text = time
      case .header(let name): text = try Self.only(fields(name))
      }
      if isBehindBody { suffix += text.utf8 } else { prefix += text.utf8 }
    }
    return (prefix, suffix)
  }

  /// How many signatures one message may carry: a sender that rotates signs twice.
  static let digestLimit = 8
}
