// The API's error object.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/

import JSON

/// A `Status` object: how the API reports the failure of a request, and the success of a delete.
struct APIStatus: Equatable, Sendable {
  var isFailure: Bool
  var code: Int?
  /// A word for the failure; nil, not empty, where the server gives none.
  var reason: String?
  var message: String
  var subject: KubernetesError.Subject?
  var causes: [KubernetesError.Cause]
  var retryAfterSeconds: Int?

  /// Reads a Status, nil if the value is something else.
  ///
  /// The server's time limit answers with one that lacks `kind` and `apiVersion`; so `status`
  /// and `code` together are taken as well where no other kind is named.
  init?(_ value: JSONValue) {
    let kind = value["kind"]?.stringValue
    let outcome = value["status"]?.stringValue
    switch kind {
    case "Status": break
    case nil: guard outcome == "Failure", value["code"]?.intValue != nil else { return nil }
    default: return nil
    }
    isFailure = outcome != "Success"
    code = value["code"]?.intValue
    reason = Self.word(value["reason"]).flatMap { $0.isEmpty ? nil : $0 }
    message = value["message"]?.stringValue ?? ""
    let details = value["details"]
    retryAfterSeconds = details?["retryAfterSeconds"]?.intValue
    subject = Self.word(details?["kind"]).map { kind in
      KubernetesError.Subject(
        group: Self.word(details?["group"]) ?? "", kind: kind,
        name: Self.word(details?["name"]) ?? "")
    }
    causes = (details?["causes"]?.arrayValue ?? []).prefix(Self.causeCountMax).map { cause in
      KubernetesError.Cause(
        reason: Self.word(cause["reason"]), field: Self.word(cause["field"]),
        message: cut((cause["message"]?.stringValue ?? "").utf8, to: Self.causeByteCountMax))
    }
  }

  /// A reason, a name or a path, fit for a message.
  private static func word(_ value: JSONValue?) -> String? {
    value?.stringValue.map { cut($0.utf8, to: wordByteCountMax) }
  }

  /// The longest reason, name or path, in bytes: names have at most 253.
  static let wordByteCountMax = 512

  /// How many causes are kept. The message lists them all.
  static let causeCountMax = 32

  /// The largest message of a cause, in bytes.
  static let causeByteCountMax = 2048
}
