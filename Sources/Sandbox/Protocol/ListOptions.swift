// The query parameters of lists and watches.
//
// Source: k8s.io/apimachinery/pkg/apis/meta/internalversion, and its validation.

import Bytes
import JSON

/// What a list or a watch asks for.
struct ListOptions: Sendable {
  var labelSelector = LabelSelector()
  var fieldSelector = FieldSelector()
  var isWatch = false
  var allowsBookmarks = false
  var resourceVersion = ""
  var resourceVersionMatch = ""
  var timeoutSeconds: Int?
  /// 0 for no limit.
  var limit = 0
  var continueToken = ""
  var sendInitialEvents: Bool?

  init() {}

  /// Reads the parameters. Values that do not parse are refused; unknown names are ignored.
  init(_ query: QueryParameters) throws(StatusError) {
    do throws(SelectorError) {
      labelSelector = try LabelSelector(query["labelSelector"] ?? "")
      fieldSelector = try FieldSelector(query["fieldSelector"] ?? "")
    } catch {
      throw .badRequest(error.description)
    }
    isWatch = isTrue(query["watch"])
    allowsBookmarks = isTrue(query["allowWatchBookmarks"])
    resourceVersion = query["resourceVersion"] ?? ""
    resourceVersionMatch = query["resourceVersionMatch"] ?? ""
    timeoutSeconds = try integer(query["timeoutSeconds"])
    limit = max(0, try integer(query["limit"]) ?? 0)
    continueToken = query["continue"] ?? ""
    sendInitialEvents = query["sendInitialEvents"].map { isTrue($0) }
  }

  /// The mistakes in how the parameters fit together.
  func mistakes(asWatch: Bool) -> [FieldError] {
    let field = "resourceVersionMatch"
    if asWatch {
      return watchMistakes(field)
    }
    var mistakes: [FieldError] = []
    if sendInitialEvents != nil {
      mistakes.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    }
    guard !resourceVersionMatch.isEmpty else { return mistakes }
    if resourceVersion.isEmpty {
      mistakes.append(
        .forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
    }
    if !continueToken.isEmpty {
      mistakes.append(
        .forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    }
    if resourceVersionMatch != "Exact", resourceVersionMatch != "NotOlderThan" {
      mistakes.append(
        .notSupported(
          field, .string(resourceVersionMatch), supported: ["Exact", "NotOlderThan", ""]))
    }
    if resourceVersionMatch == "Exact", resourceVersion == "0" {
      mistakes.append(
        .forbidden(field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
    }
    return mistakes
  }

  private func watchMistakes(_ field: String) -> [FieldError] {
    var mistakes: [FieldError] = []
    if sendInitialEvents != nil, resourceVersionMatch != "NotOlderThan" {
      mistakes.append(
        .forbidden(
          field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    }
    guard !resourceVersionMatch.isEmpty else { return mistakes }
    if sendInitialEvents == nil {
      mistakes.append(
        .forbidden(
          field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
      )
    }
    if resourceVersionMatch != "NotOlderThan" {
      mistakes.append(
        .notSupported(field, .string(resourceVersionMatch), supported: ["NotOlderThan"]))
    }
    if !continueToken.isEmpty {
      mistakes.append(
        .forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    }
    return mistakes
  }
}

/// A parameter as a 64-bit integer; Go's message when it is none.
func integer(_ text: String?) throws(StatusError) -> Int? {
  guard let text else { return nil }
  let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
  guard !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit) else {
    throw .badRequest("strconv.ParseInt: parsing \(quoted(text)): invalid syntax")
  }
  guard let value = Int(text) else {
    throw .badRequest("strconv.ParseInt: parsing \(quoted(text)): value out of range")
  }
  return value
}

/// A resource version; Go's message when it is none. Empty means 0.
func parseResourceVersion(_ text: String) -> Result<UInt64, ResourceVersionError> {
  if text.isEmpty { return .success(0) }
  guard text.utf8.allSatisfy(ASCII.isDigit) else {
    return .failure(ResourceVersionError(text: text, why: "invalid syntax"))
  }
  guard let value = UInt64(text) else {
    return .failure(ResourceVersionError(text: text, why: "value out of range"))
  }
  return .success(value)
}

/// A text that is no resource version.
struct ResourceVersionError: Error, Equatable {
  let text: String
  let why: String

  /// Go's own message.
  var goMessage: String { "strconv.ParseUint: parsing \(quoted(text)): \(why)" }
  /// The message of the storage layer.
  var description: String {
    "resourceVersion: Invalid value: \(quoted(text)): \(goMessage)"
  }
}
