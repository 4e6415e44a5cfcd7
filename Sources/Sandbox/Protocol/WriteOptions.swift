// The query parameters of creations, changes and patches.
//
// Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation.

import JSON

/// What a write asks for besides its body.
struct WriteOptions: Sendable {
  /// The type that messages name.
  enum Kind: String, Sendable {
    case create = "CreateOptions"
    case update = "UpdateOptions"
    case patch = "PatchOptions"
  }

  /// What happens to fields that the type does not have.
  enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
  }

  var isDryRun = false
  var fieldManager = ""
  var fieldValidation = FieldValidation.warn
  /// Only for server-side apply.
  var force: Bool?

  /// The longest name of a field manager.
  static let fieldManagerByteLimit = 128

  /// Reads the parameters.
  init(_ query: QueryParameters, _ kind: Kind) throws(StatusError) {
    var mistakes: [FieldError] = []
    let dryRun = query.values(for: "dryRun")
    mistakes += Self.dryRunMistakes(dryRun)
    isDryRun = !dryRun.isEmpty
    fieldManager = query["fieldManager"] ?? ""
    mistakes += Self.fieldManagerMistakes(fieldManager)
    let validation = query["fieldValidation"] ?? ""
    if !validation.isEmpty {
      if let known = FieldValidation(rawValue: validation) {
        fieldValidation = known
      } else {
        mistakes.append(
          .notSupported(
            "fieldValidation", .string(validation), supported: ["", "Ignore", "Strict", "Warn"]))
      }
    }
    if kind == .patch { force = query["force"].map { isTrue($0) } }
    if !mistakes.isEmpty { throw .invalidOptions(kind.rawValue, mistakes) }
  }

  /// `dryRun` is a list whose only value is `All`.
  static func dryRunMistakes(_ values: [String]) -> [FieldError] {
    guard values.contains(where: { $0 != "All" }) else { return [] }
    return [
      .notSupported("dryRun", .array(values.map { .string($0) }), supported: ["All"])
    ]
  }

  private static func fieldManagerMistakes(_ name: String) -> [FieldError] {
    var mistakes: [FieldError] = []
    if name.utf8.count > fieldManagerByteLimit {
      mistakes.append(.tooLong("fieldManager", byteLimit: fieldManagerByteLimit))
    }
    var position = 0
    for scalar in name.unicodeScalars {
      if !isPrintable(scalar) {
        let number = String(scalar.value, radix: 16, uppercase: true)
        let code = String(repeating: "0", count: max(0, 4 - number.count)) + number
        mistakes.append(
          .invalid(
            "fieldManager", .string(name),
            "invalid character U+\(code) (at position \(position))"))
      }
      position += String(scalar).utf8.count
    }
    return mistakes
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }
}
