// What can be known about a placeholder before any event comes.

import Bytes

/// Checks placeholders against the fields of the event, the declared inputs and the trigger's events.
enum PlaceholderCheck {
  static func check(
    _ placeholder: Placeholder, in scope: TemplateScope, at place: Place,
    reader: inout DocumentReader
  ) {
    for path in placeholder.alternatives {
      checkPath(path, in: scope, at: place, reader: &reader)
    }
    guard placeholder.fallback == nil else { return }
    let paths = placeholder.alternatives
    if scope.isManual, paths.allSatisfy({ isAbsentFromManual($0) }) {
      reader.error(
        place,
        "a manual call has no \(placeholder.paths): write $(\(placeholder.paths) ?? \"…\")")
    }
    if scope.isScheduled, paths.allSatisfy({ isAbsentFromSchedule($0) }) {
      reader.error(
        place,
        "a schedule has no \(placeholder.paths): write $(\(placeholder.paths) ?? \"…\")")
    }
    let inputs = paths.compactMap { input($0, in: scope) }
    guard inputs.count == paths.count else { return }
    if scope.hasEvents, inputs.allSatisfy({ $0.defaultValue == nil }) {
      reader.error(
        place,
        "only a manual call has \(placeholder.paths): give the input a default or write "
          + "$(\(placeholder.paths) ?? \"…\")")
    } else if inputs.allSatisfy({ !$0.isAlwaysPresent }) {
      reader.error(
        place,
        "\(placeholder.paths) may be absent: make the input required, give it a default or write "
          + "$(\(placeholder.paths) ?? \"…\")")
    }
  }

  /// Warns about what is left to Tekton and looks like a spelling of one of our roots.
  static func checkForeign(_ literal: [UInt8], at place: Place, reader: inout DocumentReader) {
    for start in literal.indices.dropLast(2)
    where literal[start] == UInt8(ascii: "$") && literal[start + 1] == UInt8(ascii: "(") {
      let isEscaped = start > 0 && literal[start - 1] == UInt8(ascii: "$")
      let word = String(
        decoding: literal[(start + 2)...].prefix(while: isTemplateNameByte), as: UTF8.self)
      let roots = TemplateRoot.allCases.map(\.rawValue)
      guard !isEscaped, !tektonRoots.contains(word),
        let nearest = Suggestion.nearest(to: word, among: roots)
      else { continue }
      reader.warning(place, "$(\(word)…) is left to Tekton", suggestion: "$(\(nearest)…)")
    }
  }

  private static func checkPath(
    _ path: ValuePath, in scope: TemplateScope, at place: Place, reader: inout DocumentReader
  ) {
    guard let first = path.steps.first else { return }
    switch path.root {
    case .body: return
    case .event: checkEvent(path, at: place, reader: &reader)
    case .query, .header:
      guard case .key(let name) = first, path.steps.count == 1 else {
        return reader.error(place, "\(path): write \(path.root.rawValue)[\"name\"]")
      }
      if path.root == .header, Delivery.credentialHeaders.contains(name) {
        reader.error(place, "\(path) carries a credential and cannot be used in a template")
      }
    case .inputs:
      guard case .key(let name) = first, path.steps.count == 1 else {
        return reader.error(place, "\(path): write inputs.name")
      }
      let names = scope.inputs.map(\.name)
      if !names.contains(name) {
        reader.error(
          place, "the trigger declares no input \"\(name)\"",
          suggestion: Suggestion.nearest(to: name, among: names))
      }
    case .vars:
      // A variable may be a list or an object, of which nothing is known before an event.
      guard case .key(let name) = first, !scope.variables.contains(name) else { return }
      reader.error(
        place, "the trigger has no variable \"\(name)\"",
        suggestion: Suggestion.nearest(to: name, among: scope.variables))
    case .delivery:
      guard case .key(let name) = first, path.steps.count == 1, deliveryFields.contains(name) else {
        let nearest: String? =
          if case .key(let name) = first {
            Suggestion.nearest(to: name, among: deliveryFields)
          } else {
            nil
          }
        return reader.error(
          place, "\(path) does not exist", suggestion: nearest.map { "delivery.\($0)" })
      }
    }
  }

  private static func checkEvent(
    _ path: ValuePath, at place: Place, reader: inout DocumentReader
  ) {
    guard case .key(let name) = path.steps.first, let parts = Event.fields[name] else {
      let nearest: String? =
        if case .key(let name) = path.steps.first {
          Suggestion.nearest(to: name, among: Event.fields.keys.sorted())
        } else {
          nil
        }
      return reader.error(
        place, "\(path) does not exist", suggestion: nearest.map { "event.\($0)" })
    }
    guard path.steps.count > 1 else { return }
    guard case .key(let part) = path.steps[1], parts.contains(part) else {
      let nearest: String? =
        if case .key(let part) = path.steps[1] {
          Suggestion.nearest(to: part, among: parts)
        } else {
          nil
        }
      return reader.error(
        place, "\(path) does not exist", suggestion: nearest.map { "event.\(name).\($0)" })
    }
  }

  /// Whether a manual call can never give the value.
  private static func isAbsentFromManual(_ path: ValuePath) -> Bool {
    guard path.root == .event, case .key(let name) = path.steps.first else { return false }
    return !Event.manualFields.contains(name)
  }

  /// Whether a schedule can never give the value: it has no request either.
  private static func isAbsentFromSchedule(_ path: ValuePath) -> Bool {
    switch path.root {
    case .header, .query: return true
    case .event:
      guard case .key(let name) = path.steps.first else { return false }
      return !Event.scheduleFields.contains(name)
    case .body, .inputs, .vars, .delivery: return false
    }
  }

  private static func input(_ path: ValuePath, in scope: TemplateScope) -> InputDeclaration? {
    guard path.root == .inputs, case .key(let name) = path.steps.first else { return nil }
    return scope.inputs.first { $0.name == name }
  }

  /// Source: https://tekton.dev/docs/pipelines/variables/.
  private static let tektonRoots: Set<String> = [
    "params", "tasks", "finally", "context", "workspaces", "results", "steps", "step", "resources",
    "outputs", "credentials", "tt",
  ]
  private static let deliveryFields = ["id", "sourceID", "hook", "namespace", "trigger"]
}
