// Who sent it: the ways in which a sender can prove that, with the keys to check.
//
// The ways of one source are in order of strength. The first whose headers are in the message
// decides alone: a wrong signature is never rescued by a weaker proof beside it.

import Bytes
package import Crypto

/// A way in which senders prove who they are.
package enum AuthenticationMethod: Hashable, Sendable {
  case signature(SignatureScheme)
  /// The secret itself stands in a header.
  case token(header: String)
  /// The secret is `user:password` of HTTP's Basic scheme (RFC 7617).
  case basic
  /// The secret is a bearer token (RFC 6750).
  case bearer
}

/// The ways of one source with the material of its secrets.
///
/// *Concurrency.* A value without mutable state; any thread.
package struct SenderAuthentication: Sendable {
  private struct Way: Sendable {
    let method: AuthenticationMethod
    /// The keys that fit the method, each with the place of its secret.
    let keys: [(index: Int, key: Key)]

    /// Without the keys that have expired.
    func without(_ expired: [Int]) -> Way {
      expired.isEmpty
        ? self : Way(method: method, keys: keys.filter { !expired.contains($0.index) })
    }
  }

  private enum Key: Sendable {
    case verification(VerificationKey)
    case secret(SecretBytes)
  }

  private let ways: [Way]
  /// When secrets stop to count, by their place.
  private let expiries: [(index: Int, notAfter: Int64)]
  private let formField: String?
  private let weakHeader: String?
  private let certificateNames: [String]

  /// - Parameters:
  ///   - methods: in order of strength.
  ///   - secrets: blank ones are never used.
  ///   - expiries: the seconds since 1970 from which on a secret matches nothing, in the order of
  ///     the secrets; nil for one that does not expire.
  ///   - formField: the form field whose decoded text is what the sender signs, where it does.
  ///   - weakHeader: a header that names the reason where it comes alone.
  ///   - certificateNames: names of client certificates of which one must be shown as well; none if
  ///     none is asked for. Without methods it is the only proof.
  package init(
    _ methods: [AuthenticationMethod], secrets: [SecretBytes], expiries: [Int64?] = [],
    formField: String? = nil, weakHeader: String? = nil,
    certificateNames: [String] = []
  ) {
    ways = methods.map { method in
      let keys = secrets.enumerated().compactMap { index, secret in
        Self.key(secret, for: method, among: methods).map { (index: index, key: $0) }
      }
      return Way(method: method, keys: keys)
    }
    self.expiries = expiries.enumerated().compactMap { index, time in
      time.map { (index: index, notAfter: $0) }
    }
    self.formField = formField
    self.weakHeader = weakHeader
    self.certificateNames = certificateNames
  }

  /// The places of secrets that fit no method: written in a form that none of them has.
  package static func unusable(
    _ secrets: [SecretBytes], for methods: [AuthenticationMethod]
  ) -> [Int] {
    secrets.indices.filter { index in
      methods.allSatisfy { key(secrets[index], for: $0, among: methods) == nil }
    }
  }

  private static func key(
    _ secret: SecretBytes, for method: AuthenticationMethod, among methods: [AuthenticationMethod]
  ) -> Key? {
    guard !secret.isBlank else { return nil }
    switch method {
    case .signature(let scheme):
      return VerificationKey(secret, form: scheme.keyForm, method: scheme.method)
        .map(Key.verification)
    case .token, .basic, .bearer:
      // What is written as a signing key is never shown as a token.
      let isSigningKey = methods.contains { other in
        guard case .signature(let scheme) = other, scheme.keyForm != .text else { return false }
        return VerificationKey(secret, form: scheme.keyForm, method: scheme.method) != nil
      }
      return isSigningKey ? nil : .secret(secret)
    }
  }

  /// Why nobody can be trusted with this message, decided from the head alone; nil when somebody
  /// may be.
  package func problem(_ fields: HeaderLookup, now: Int64) -> RefusalReason? {
    guard !ways.isEmpty else { return nil }
    let way = way(meantBy: fields, now: now)
    guard case .signature(let scheme) = way.method else {
      return presented(way.method, fields).failure
    }
    guard case .failure(let reason) = scheme.claim(fields, now: now) else { return nil }
    return named(reason, fields)
  }

  /// Who sent a message, by what its signature proves and by the certificate that its client showed.
  ///
  /// - Parameter certificate: the names of the client's certificate, which was verified; nil when it
  ///   showed none.
  package func verification(
    _ signature: Verification, certificate: [String]?
  ) -> Verification {
    guard !certificateNames.isEmpty else { return signature }
    guard let certificate else { return .refused(.certificateMissing) }
    let name = certificate.first { name in
      certificateNames.contains { $0.utf8.elementsEqual(name.utf8) }
    }
    guard let name else { return .refused(.certificateWrong) }
    return ways.isEmpty ? .certified(name: name) : signature
  }

  /// Who sent the message, decided from the bytes as they came.
  ///
  /// The work is the same whichever secret matches and whether one does. Nothing that this
  /// returns holds a secret, a digest or a part of the body.
  package func verify(
    fields: HeaderLookup, body: [UInt8], now: Int64
  ) -> Verification {
    let way = way(meantBy: fields, now: now)
    switch way.method {
    case .signature(let scheme):
      if var check = check(fields: fields, now: now) {
        check.update(body.span)
        return check.finish()
      }
      return verify(scheme, way.keys, fields: fields, body: body, now: now)
    case .token, .basic, .bearer:
      return compare(presented(way.method, fields), with: way.keys)
    }
  }

  /// The check of a message whose body is still to come; nil where the body must be there as a
  /// whole: for a key pair's signature, for one over a part of the body, and where the secret
  /// itself is shown and there is nothing to compute.
  package func check(fields: HeaderLookup, now: Int64) -> SenderCheck? {
    let way = way(meantBy: fields, now: now)
    guard case .signature(let scheme) = way.method, !signsFormField(fields) else { return nil }
    var keys: [(index: Int, key: HMACKey)] = []
    for (index, key) in way.keys {
      guard case .verification(.hmac(let key)) = key else { return nil }
      keys.append((index: index, key: key))
    }
    return SenderCheck(
      scheme.claim(fields, now: now).mapError { named($0, fields) }, keys: keys)
  }

  /// The first way whose headers are there, or the strongest that has a key. There is always one.
  ///
  /// Where two ways share a header, as the versions of Standard Webhooks do, it is the one of which
  /// the header holds a signature.
  private func way(meantBy fields: HeaderLookup, now: Int64) -> Way {
    guard !expiries.isEmpty else { return way(meantBy: fields, among: ways) }
    let expired = expiries.filter { now >= $0.notAfter }.map(\.index)
    return way(meantBy: fields, among: ways.map { $0.without(expired) })
  }

  private func way(meantBy fields: HeaderLookup, among ways: [Way]) -> Way {
    let meant = ways.first { way in
      switch way.method {
      case .signature(let scheme): scheme.isMeant(by: fields)
      case .token(let header): !fields(header).isEmpty
      case .basic, .bearer: !fields(Self.authorization).isEmpty
      }
    }
    guard let meant else {
      return ways.first { !$0.keys.isEmpty } ?? ways.first ?? Way(method: .bearer, keys: [])
    }
    guard case .signature(let scheme) = meant.method else { return meant }
    let alike = ways.first { way in
      guard case .signature(let other) = way.method, other.header == scheme.header else {
        return false
      }
      return !way.keys.isEmpty && other.hasOwnVersion(fields)
    }
    return alike ?? meant
  }

  /// A weaker signature that came alone is the better name for one that is missing.
  private func named(_ reason: RefusalReason, _ fields: HeaderLookup) -> RefusalReason {
    guard reason == .missing, let weakHeader, !fields(weakHeader).isEmpty else { return reason }
    return ways.contains { way in
      if case .signature(let scheme) = way.method { scheme.isMeant(by: fields) } else { false }
    } ? reason : .weak
  }

  private static let authorization = "Authorization"
}

// MARK: - Signatures

extension SenderAuthentication {
  private func verify(
    _ scheme: SignatureScheme, _ keys: [(index: Int, key: Key)], fields: HeaderLookup,
    body: [UInt8], now: Int64
  ) -> Verification {
    let read = scheme.claim(fields, now: now)
    // An absent or malformed claim costs as much as a wrong one: nothing shows in the time.
    let claim =
      (try? read.get())
      ?? SignatureClaim(
        digests: [[UInt8](repeating: 0, count: scheme.digestByteCount)], prefix: [], suffix: [])
    let match = signedBody(body, fields).flatMap { signed in
      Self.match(claim, over: signed, keys)
    }
    if case .failure(let reason) = read { return .refused(named(reason, fields)) }
    guard !keys.isEmpty else { return .refused(.noSecret) }
    guard let match else { return .refused(.wrong) }
    return .verified(index: match)
  }

  /// The place of the first secret with which one of the claimed digests was made.
  private static func match(
    _ claim: SignatureClaim, over body: [UInt8], _ keys: [(index: Int, key: Key)]
  ) -> Int? {
    var match: Int?
    for (index, key) in keys {
      guard case .verification(let key) = key else { continue }
      // No early exit: which secret matched must not show.
      if isRight(claim, over: body, key), match == nil { match = index }
    }
    return match
  }

  private static func isRight(
    _ claim: SignatureClaim, over body: [UInt8], _ key: VerificationKey
  ) -> Bool {
    var isRight = false
    switch key {
    case .hmac(let key):
      var code = HMAC(key: key)
      code.update(claim.prefix)
      code.update(body)
      code.update(claim.suffix)
      let expected = code.finalize()
      for digest in claim.digests where constantTimeEqual(expected, digest) { isRight = true }
    case .ed25519(let key):
      let message = claim.prefix + body + claim.suffix
      for digest in claim.digests where key.verifies(digest.span, of: message.span) {
        isRight = true
      }
    }
    return isRight
  }

  /// What the sender signed of a body: all of it or, in a form of a sender that does so, the
  /// decoded text of one field. Nil where that field is missing.
  private func signedBody(_ body: [UInt8], _ fields: HeaderLookup) -> [UInt8]? {
    guard let formField, signsFormField(fields) else { return body }
    return FormBody.value(of: formField, in: body)
  }

  private func signsFormField(_ fields: HeaderLookup) -> Bool {
    formField != nil && MediaType.problem(with: fields("Content-Type")) == .form
  }
}

// MARK: - Shown secrets

extension SenderAuthentication {
  private func presented(
    _ method: AuthenticationMethod, _ fields: HeaderLookup
  ) -> Result<[UInt8], RefusalReason> {
    switch method {
    case .signature: return .failure(.missing)
    case .token(let header):
      let values = fields(header)
      guard let value = values.first, !value.isEmpty else {
        return .failure(values.count > 1 ? .tokenMalformed : .tokenMissing)
      }
      return values.count == 1 ? .success(Array(value.utf8)) : .failure(.tokenMalformed)
    case .basic:
      return credentials("basic", fields).flatMap { text in
        // A password is part of it: without the colon it is no pair (RFC 7617 §2).
        guard let decoded = Base64.decode(text), decoded.contains(UInt8(ascii: ":")) else {
          return .failure(.tokenMalformed)
        }
        return .success(decoded)
      }
    case .bearer:
      return credentials("bearer", fields).flatMap { token in
        token.allSatisfy(ASCII.isVisible) ? .success(token) : .failure(.tokenMalformed)
      }
    }
  }

  /// `scheme 1*SP credentials` (RFC 9110 §11.4), in the only `Authorization` there is.
  private func credentials(
    _ scheme: String, _ fields: HeaderLookup
  ) -> Result<[UInt8], RefusalReason> {
    let values = fields(Self.authorization)
    guard let value = values.first, !value.isEmpty else {
      return .failure(values.count > 1 ? .tokenMalformed : .tokenMissing)
    }
    let parts = value.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
    guard values.count == 1, parts.count == 2,
      ASCII.lowercased(String(Substring(parts[0]))) == scheme
    else { return .failure(.tokenMalformed) }
    let text = Array(parts[1].drop { $0 == UInt8(ascii: " ") })
    return text.isEmpty ? .failure(.tokenMissing) : .success(text)
  }

  private func compare(
    _ presented: Result<[UInt8], RefusalReason>, with keys: [(index: Int, key: Key)]
  ) -> Verification {
    let token = (try? presented.get()) ?? []
    var match: Int?
    for (index, key) in keys {
      guard case .secret(let secret) = key else { continue }
      if secret.matches(token), match == nil { match = index }
    }
    if case .failure(let reason) = presented { return .refused(reason) }
    guard !keys.isEmpty else { return .refused(.noSecret) }
    guard let match else { return .refused(.tokenWrong) }
    return .verified(index: match)
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
