// What an expression is evaluated with.

/// The values of variables.
package struct CELActivation: Sendable {
  private var values: [(name: String, value: CELValue)] = []

  /// Without values.
  package init() {}

  /// With values.
  package init(_ values: [String: CELValue]) {
    for (name, value) in values { self[name] = value }
  }

  /// The value of a variable; nil for one that is not given, which is an error only when it is
  /// needed. Takes time in proportion to the number of variables, which are few.
  package subscript(name: String) -> CELValue? {
    get { values.first { $0.name == name }?.value }
    set {
      values.removeAll { $0.name == name }
      if let newValue { values.append((name, newValue)) }
    }
  }
}
