// What an environment is put together from.

/// Functions, macros, constants and types that belong together and are switched on as one.
package struct CELLibrary: Sendable {
  /// The name in documentation and errors.
  package let name: String
  /// Functions; those of several libraries with one name are joined.
  package let functions: [CELFunction]
  /// Macros, which are expanded when the expression is parsed.
  package let macros: [CELMacro]
  /// Named constants, such as types by their names.
  package let constants: [String: CELValue]
  /// Syntax that the library needs.
  package let syntax: Syntax

  /// Syntax beyond the core.
  package struct Syntax: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// `a.?b`, `a[?b]`, `[?a]`, `{?a: b}`.
    package static let optionals = Syntax(rawValue: 1)
    /// ``a.`b-c` ``.
    package static let quotedFields = Syntax(rawValue: 2)
  }

  /// A library.
  package init(
    name: String, functions: [CELFunction] = [], macros: [CELMacro] = [],
    constants: [String: CELValue] = [:], syntax: Syntax = []
  ) {
    self.name = name
    self.functions = functions
    self.macros = macros
    self.constants = constants
    self.syntax = syntax
  }
}
