// One mistake in one field, worded as the API server words it.

import Bytes
package import JSON

/// A mistake found while validating an object. All mistakes of one object are reported together.
///
/// *Source:* `k8s.io/apimachinery/pkg/util/validation/field`.
package struct FieldError: Error, Equatable, Sendable {
  /// What is wrong, in the words of the API.
  package enum Kind: String, Sendable {
    case notFound = "FieldValueNotFound"
    case required = "FieldValueRequired"
    case duplicate = "FieldValueDuplicate"
    case invalid = "FieldValueInvalid"
    case notSupported = "FieldValueNotSupported"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case internalError = "InternalError"
    case typeInvalid = "FieldValueTypeInvalid"

    /// The words before the value.
    var text: String {
      switch self {
      case .notFound: "Not found"
      case .required: "Required value"
      case .duplicate: "Duplicate value"
      case .invalid, .typeInvalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .forbidden: "Forbidden"
      case .tooLong: "Too long"
      case .tooMany: "Too many"
      case .internalError: "Internal error"
      }
    }
  }

  package var kind: Kind
  /// The path of the field, `spec.params[0].name`.
  package var field: String
  /// The value as it is quoted in the message; `nil` where none is.
  package var shownValue: String?
  package var detail: String

  package init(_ kind: Kind, _ field: String, shownValue: String? = nil, detail: String = "") {
    self.kind = kind
    self.field = field
    self.shownValue = shownValue
    self.detail = detail
  }

  package static func required(_ field: String, _ detail: String = "") -> FieldError {
    FieldError(.required, field, detail: detail)
  }

  package static func forbidden(_ field: String, _ detail: String) -> FieldError {
    FieldError(.forbidden, field, detail: detail)
  }

  package static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> FieldError {
    FieldError(.invalid, field, shownValue: shown(value), detail: detail)
  }

  package static func typeInvalid(
    _ field: String, _ value: JSONValue, _ detail: String
  ) -> FieldError {
    FieldError(.typeInvalid, field, shownValue: shown(value), detail: detail)
  }

  package static func duplicate(_ field: String, _ value: JSONValue) -> FieldError {
    FieldError(.duplicate, field, shownValue: shown(value))
  }

  package static func notSupported(
    _ field: String, _ value: JSONValue, supported: [String]
  ) -> FieldError {
    let values = supported.map(quoted).joined(separator: ", ")
    return FieldError(
      .notSupported, field, shownValue: shown(value),
      detail: supported.isEmpty ? "" : "supported values: \(values)")
  }

  package static func tooLong(_ field: String, byteLimit: Int) -> FieldError {
    FieldError(.tooLong, field, detail: "may not be more than \(byteLimit) bytes")
  }

  package static func tooMany(_ field: String, count: Int, limit: Int) -> FieldError {
    FieldError(
      .tooMany, field, shownValue: "\(count)", detail: "must have at most \(limit) items")
  }

  /// The mistake without its field, as in `details.causes[].message`.
  package var message: String {
    let head = shownValue.map { "\(kind.text): \($0)" } ?? kind.text
    return detail.isEmpty ? head : "\(head): \(detail)"
  }

  /// The mistake with its field, as in the message of the answer.
  package var description: String { "\(field): \(message)" }

  /// A value as the messages show it: text in quotation marks, numbers bare, lists and maps as JSON
  /// in quotation marks.
  package static func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): number.text
    case .string(let text): quoted(text)
    case .array, .object: value.serializedString(.compact(.sortedKeys))
    }
  }
}

/// The text in quotation marks, with the escapes of Go's `%q`.
package func quoted(_ text: String) -> String { GoQuote.quoted(text) }
