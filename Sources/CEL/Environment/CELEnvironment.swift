// What an expression may use.

/// The variables, functions, macros and syntax that expressions are written against.
///
/// *Concurrency:* immutable; one environment serves any number of threads.
package final class CELEnvironment: Sendable {
  /// What differs between implementations of the language.
  package struct Rules: Sendable {
    /// Whether a map literal may repeat a key, the last value counting; cel-spec calls it an error.
    package var repeatedKeys: RepeatedKeys
    /// Whether evaluation errors name the whole path of a missing key and what was probably meant.
    package var missingKeys: MissingKeys

    /// What a repeated key in a map literal is.
    package enum RepeatedKeys: Sendable { case error, lastCounts }
    /// How the error of a missing key reads.
    package enum MissingKeys: Sendable { case keyAlone, pathWithHint }

    /// Rules of one's own.
    package init(repeatedKeys: RepeatedKeys = .error, missingKeys: MissingKeys = .pathWithHint) {
      self.repeatedKeys = repeatedKeys
      self.missingKeys = missingKeys
    }
  }

  /// What errors and documentation call it.
  package let name: String
  /// The namespace that names are looked up in first, such as `com.example`; usually empty.
  package let container: String
  /// The variables with their types, and in which order an activation holds them.
  package let variables: [String: CELType]
  /// Syntax beyond the core.
  package let syntax: CELLibrary.Syntax
  /// What differs between implementations of the language.
  package let rules: Rules
  /// How many steps an evaluation may take.
  package let costLimit: Int

  /// Whether any name has a dot, so that a selection may be a name.
  let hasQualifiedNames: Bool
  let constants: [String: CELValue]
  let functions: [String: FunctionEntry]
  private let macros: [String: [CELMacro]]

  /// An environment of libraries and variables.
  ///
  /// A library that is named twice counts once for each name of a function's overload; a later macro
  /// of the same name, style and arity replaces an earlier one.
  package init(
    name: String, container: String = "", variables: [String: CELType],
    libraries: [CELLibrary], rules: Rules = Rules(), costLimit: Int = CELCostMeter.defaultLimit
  ) {
    self.name = name
    self.container = container
    self.variables = variables
    self.rules = rules
    self.costLimit = costLimit
    var overloads: [String: [CELOverload]] = [:]
    var macros: [String: [CELMacro]] = [:]
    var constants: [String: CELValue] = [:]
    var syntax: CELLibrary.Syntax = []
    for library in libraries {
      syntax.formUnion(library.syntax)
      constants.merge(library.constants) { _, new in new }
      for macro in library.macros { macros[macro.name, default: []].insert(macro, at: 0) }
      let access = library.syntax.contains(.optionals) ? CELLibrary.optionalAccess : []
      for function in library.functions + access {
        for overload in function.overloads {
          let known = overloads[function.name, default: []]
          guard !known.contains(where: { $0.id == overload.id }) else { continue }
          overloads[function.name] = known + [overload]
        }
      }
    }
    self.syntax = syntax
    self.macros = macros
    self.constants = constants
    hasQualifiedNames =
      variables.keys.contains { $0.contains(".") } || constants.keys.contains { $0.contains(".") }
    var functions: [String: FunctionEntry] = [:]
    for (name, overloads) in overloads {
      functions[name] = FunctionEntry(name: name, overloads: overloads)
    }
    self.functions = functions
  }

  /// The macro that a call is, if it is one.
  func macro(_ name: String, style: CELOverload.Style, argumentCount: Int) -> CELMacro? {
    macros[name]?.first { $0.style == style && $0.arity.contains(argumentCount) }
  }

  /// The names of all functions and macros, for completion and suggestions.
  package var functionNames: [String] {
    Set(functions.keys.filter { $0.utf8.first.map { $0 > 0x40 && $0 != 0x5F } ?? false })
      .union(macros.keys).sorted()
  }

  /// The longest source, in code points; cel-go's.
  package static let sourceLimit = 100_000
}

// MARK: - Looking up names

extension CELEnvironment {
  /// Calls `body` with the names that a name may stand for, innermost namespace first, until one
  /// gives a result. A leading dot means the outermost alone.
  func resolve<Result>(_ name: String, _ body: (String) -> Result?) -> Result? {
    if name.utf8.first == UInt8(ascii: ".") { return body(String(name.dropFirst())) }
    var prefix = container[...]
    while !prefix.isEmpty {
      if let result = body("\(prefix).\(name)") { return result }
      guard let dot = prefix.lastIndex(of: ".") else { break }
      prefix = prefix[..<dot]
    }
    return body(name)
  }

  /// The variable or constant of a name.
  func resolveName(_ name: String) -> (name: String, type: CELType, value: CELValue?)? {
    resolve(name) { name in
      if let type = variables[name] { return (name, type, nil) }
      guard let value = constants[name] else { return nil }
      if case .type(let type) = value { return (name, .type(type), value) }
      return (name, value.type, value)
    }
  }

  /// The function of a name.
  func resolveFunction(_ name: String) -> FunctionEntry? { resolve(name) { functions[$0] } }
}

/// A function with all its overloads.
final class FunctionEntry: Sendable {
  let name: String
  let overloads: [CELOverload]
  /// Of each overload, whether its signature has type parameters.
  let isGeneric: [Bool]

  init(name: String, overloads: [CELOverload]) {
    self.name = name
    self.overloads = overloads
    isGeneric = overloads.map { overload in
      overload.result.hasParameter || overload.parameters.contains(where: \.hasParameter)
    }
  }
}

extension CELType {
  /// Whether a type parameter occurs in it.
  var hasParameter: Bool {
    switch self {
    case .parameter: true
    case .list(let element), .optional(let element), .type(let element): element.hasParameter
    case .map(let key, let value): key.hasParameter || value.hasParameter
    case .opaque(_, let parameters): parameters.contains(where: \.hasParameter)
    default: false
    }
  }
}
