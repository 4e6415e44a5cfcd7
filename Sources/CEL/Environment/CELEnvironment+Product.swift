// The environments of the product.

extension CELEnvironment {
  /// For Hookline's own `when` and `vars`: everything, and the rules of cel-spec where
  /// implementations differ.
  ///
  /// Numbers of JSON are doubles, as in Tekton, so that an expression that was copied from there
  /// means the same; `body.n + 1` is an error, `body.n + 1.0` and `int(body.n) + 1` are not.
  ///
  /// - Parameters:
  ///   - zones: where time zones by name are found.
  ///   - services: what Tekton's functions need from outside.
  package static func hookline(
    zones: TimeZoneDatabase, services: TektonServices
  ) -> CELEnvironment {
    let object = CELType.map(.string, .dyn)
    return CELEnvironment(
      name: "hookline",
      variables: [
        "event": object, "body": object, "header": object, "query": object, "inputs": object,
        "vars": object,
      ],
      libraries: language(.specification, zones: zones) + [
        quotedFields, .bindings, .twoVariableMacros, .optionals, .strings(.specification),
        .encoders, .sets, .lists, .math, .network, .tekton(services),
      ])
  }

  /// For the CEL interceptor of Tekton Triggers v0.37: what it declares, with the behaviour and the
  /// error texts of the cel-go it uses.
  package static func tekton(
    zones: TimeZoneDatabase, services: TektonServices
  ) -> CELEnvironment {
    let object = CELType.map(.string, .dyn)
    return CELEnvironment(
      name: "tekton",
      variables: [
        "body": object, "header": object, "extensions": object, "requestURL": .string,
      ],
      libraries: tektonLibraries(zones: zones, services: services),
      rules: Rules(repeatedKeys: .lastCounts, missingKeys: .keyAlone))
  }

  /// The libraries that Tekton Triggers switches on.
  package static func tektonLibraries(
    zones: TimeZoneDatabase, services: TektonServices
  ) -> [CELLibrary] {
    language(.celGo, zones: zones) + [
      quotedFields, .strings(.celGo), .encoders, .sets, .lists, .math, .tekton(services),
    ]
  }

  /// For `on-cel-expression` of Pipelines-as-Code: the language alone.
  ///
  /// - Parameters:
  ///   - parameters: the names of the repository's parameters, which are strings. They do not replace
  ///     the variables.
  ///   - libraries: what brings `pathChanged`.
  package static func pipelinesAsCode(
    zones: TimeZoneDatabase, parameters: [String], libraries: [CELLibrary]
  ) -> CELEnvironment {
    let object = CELType.map(.string, .dyn)
    var variables: [String: CELType] = [:]
    for name in parameters { variables[name] = .string }
    for name in [
      "event", "event_type", "event_title", "target_branch", "source_branch", "target_url",
      "source_url",
    ] {
      variables[name] = .string
    }
    for name in ["body", "headers", "files"] { variables[name] = object }
    return CELEnvironment(
      name: "pac", variables: variables,
      libraries: language(.celGo, zones: zones) + libraries,
      rules: Rules(repeatedKeys: .lastCounts, missingKeys: .keyAlone))
  }

  /// The language without extensions.
  package static func language(
    _ dialect: CELDialect, zones: TimeZoneDatabase
  ) -> [CELLibrary] {
    [.core, .standardMacros, .standardFunctions(dialect, zones: zones)]
  }

  /// ``a.`b-c` ``.
  private static let quotedFields = CELLibrary(name: "quoted fields", syntax: .quotedFields)
}
