// Bearer tokens: one for the owner of the sandbox, and signed ones for service accounts.

import Bytes
import Crypto
import JSON

/// Issues and checks bearer tokens.
///
/// A service account's token is a JSON Web Token signed with HMAC-SHA256. Only the sandbox that
/// issued it can check it, which is all that is needed here.
struct TokenAuthority: Sendable {
  /// What a token says, once its signature holds.
  struct Claims: Equatable {
    var namespace: String
    var name: String
    var uid: String
    var audiences: [String]
    var expiry: Timestamp
  }

  /// Whom tokens are for unless they say so: this server.
  static let audience = "https://kubernetes.default.svc"

  private let administratorToken: [UInt8]
  private let key: SecretBytes

  init(administratorToken: String, key: SecretBytes) {
    self.administratorToken = Array(administratorToken.utf8)
    self.key = key
  }

  func isAdministrator(_ token: String) -> Bool {
    constantTimeEqual(Array(token.utf8), administratorToken)
  }

  func issue(_ claims: Claims, at now: Timestamp) -> String {
    let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
    let payload: JSONValue = [
      "aud": .array(claims.audiences.map { .string($0) }),
      "exp": .int(Int(claims.expiry.seconds)),
      "iat": .int(Int(now.seconds)),
      "iss": .string(Self.audience),
      "kubernetes.io": [
        "namespace": .string(claims.namespace),
        "serviceaccount": ["name": .string(claims.name), "uid": .string(claims.uid)],
      ],
      "sub": .string("system:serviceaccount:\(claims.namespace):\(claims.name)"),
    ]
    let signed =
      Base64.encodeURL(header.serialized()) + "." + Base64.encodeURL(payload.serialized())
    return signed + "." + Base64.encodeURL(signature(of: signed))
  }

  /// What a token says; `nil` when it is not one of ours or has expired.
  func verify(_ token: String, at now: Timestamp) -> Claims? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let given = Base64.decodeURL(String(parts[2])),
      constantTimeEqual(given, signature(of: "\(parts[0]).\(parts[1])")),
      let bytes = Base64.decodeURL(String(parts[1]))
    else { return nil }
    let payload: JSONValue
    do throws(JSONError) {
      payload = try JSONValue.parse(bytes)
    } catch {
      return nil
    }
    guard let expiry = payload["exp"]?.intValue, Int64(expiry) > now.seconds,
      let namespace = payload[["kubernetes.io", "namespace"]]?.stringValue,
      let name = payload[["kubernetes.io", "serviceaccount", "name"]]?.stringValue,
      let uid = payload[["kubernetes.io", "serviceaccount", "uid"]]?.stringValue
    else { return nil }
    return Claims(
      namespace: namespace, name: name, uid: uid,
      audiences: payload["aud"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      expiry: Timestamp(seconds: Int64(expiry)))
  }

  private func signature(of text: String) -> [UInt8] {
    HMAC.sha256(key: key, message: Array(text.utf8))
  }
}

/// What an Authorization field holds.
enum BearerCredential: Equatable {
  case none
  /// A blank too many before the token: the field is ignored, with a warning.
  case misplaced
  case token(String)

  /// Reads the field as `k8s.io/apiserver/pkg/authentication/request/bearertoken` does.
  init(_ field: String?) {
    var text = (field ?? "")[...]
    while text.first == " " || text.first == "\t" { text = text.dropFirst() }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0].lowercased() == "bearer" else {
      self = .none
      return
    }
    if parts[1].isEmpty {
      self = parts.count == 3 ? .misplaced : .none
    } else {
      self = .token(String(parts[1]))
    }
  }

  static let misplacedWarning =
    "the provided Authorization header contains extra space before the bearer token, and is ignored"
}
