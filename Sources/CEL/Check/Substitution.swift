// Which types stand for type parameters: cel-go's `checker/types.go`.

/// What is known of type parameters.
struct Substitution {
  private var types: [String: CELType] = [:]
  private var freshCount = 0

  /// A parameter that occurs nowhere else.
  mutating func fresh() -> CELType {
    freshCount += 1
    return .parameter("_var\(freshCount)")
  }

  /// A signature's types with each of its parameters replaced by a fresh one.
  mutating func instantiate(_ overload: CELOverload) -> (parameters: [CELType], result: CELType) {
    var own: [String: CELType] = [:]
    var parameters: [CELType] = []
    for parameter in overload.parameters { parameters.append(instantiate(parameter, &own)) }
    return (parameters, instantiate(overload.result, &own))
  }

  private mutating func instantiate(_ type: CELType, _ own: inout [String: CELType]) -> CELType {
    switch type {
    case .parameter(let name):
      if let known = own[name] { return known }
      let new = fresh()
      own[name] = new
      return new
    case .list(let element): return .list(instantiate(element, &own))
    case .optional(let wrapped): return .optional(instantiate(wrapped, &own))
    case .type(let instance): return .type(instantiate(instance, &own))
    case .map(let key, let value):
      return .map(instantiate(key, &own), instantiate(value, &own))
    case .opaque(let name, let parameters):
      var instances: [CELType] = []
      for parameter in parameters { instances.append(instantiate(parameter, &own)) }
      return .opaque(name, instances)
    default: return type
    }
  }

  /// A type with what is known put in; unknown parameters stay, or become `dyn` at the end.
  func apply(_ type: CELType, finally: Bool = false) -> CELType {
    switch type {
    case .parameter(let name):
      if let known = types[name] { return apply(known, finally: finally) }
      return finally ? .dyn : type
    case .list(let element): return .list(apply(element, finally: finally))
    case .optional(let wrapped): return .optional(apply(wrapped, finally: finally))
    case .type(let instance): return .type(apply(instance, finally: finally))
    case .map(let key, let value):
      return .map(apply(key, finally: finally), apply(value, finally: finally))
    case .opaque(let name, let parameters):
      return .opaque(name, parameters.map { apply($0, finally: finally) })
    default: return type
    }
  }

  /// Whether a value of the first type can be used as the second; notes what that says of
  /// parameters, if it can.
  mutating func isAssignable(_ type: CELType, to target: CELType) -> Bool {
    if case .dyn = target, !type.hasParameter { return true }
    var trial = self
    guard trial.assign(type, to: target) else { return false }
    self = trial
    return true
  }

  /// ``isAssignable(_:to:)`` for several at once.
  mutating func areAssignable(_ types: [CELType], to targets: [CELType]) -> Bool {
    guard types.count == targets.count else { return false }
    var trial = self
    for (type, target) in zip(types, targets) where !trial.assign(type, to: target) { return false }
    self = trial
    return true
  }

  private mutating func assign(_ type: CELType, to target: CELType) -> Bool {
    if case .parameter(let name) = target {
      let (isValid, isKnown) = isSubstitution(type, for: name)
      if isValid || isKnown { return isValid }
    }
    if case .parameter(let name) = type { return isSubstitution(target, for: name).isValid }
    switch (type, target) {
    case (.dyn, _), (.error, _), (_, .dyn), (_, .error): return true
    case (.null, _): return target.isNullable
    case (_, .null): return type.isNullable
    case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)):
      return assign(left, to: right)
    case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
      return assign(leftKey, to: rightKey) && assign(leftValue, to: rightValue)
    case (.type, .type): return true
    case (.opaque(let leftName, let left), .opaque(let rightName, let right)):
      guard leftName == rightName, left.count == right.count else { return false }
      for (left, right) in zip(left, right) where !assign(left, to: right) { return false }
      return true
    default: return type == target
    }
  }

  private mutating func isSubstitution(
    _ type: CELType, for name: String
  ) -> (isValid: Bool, isKnown: Bool) {
    if case .parameter(name) = type { return (true, true) }
    if let known = types[name] {
      if type == known { return (true, true) }
      guard assign(type, to: known) else { return (false, true) }
      let general = Self.mostGeneral(type, known)
      if !occurs(name, in: general) { types[name] = general }
      return (true, true)
    }
    guard !occurs(name, in: type) else { return (false, false) }
    types[name] = type
    return (true, false)
  }

  private func occurs(_ name: String, in type: CELType) -> Bool {
    switch type {
    case .parameter(let other):
      other == name || (types[other].map { occurs(name, in: $0) } ?? false)
    case .list(let element), .optional(let element), .type(let element):
      occurs(name, in: element)
    case .map(let key, let value): occurs(name, in: key) || occurs(name, in: value)
    case .opaque(_, let parameters): parameters.contains { occurs(name, in: $0) }
    default: false
    }
  }

  /// The one of two types that the other can be used as.
  static func mostGeneral(_ left: CELType, _ right: CELType) -> CELType {
    isEqualOrLessSpecific(left, right) ? left : right
  }

  private static func isEqualOrLessSpecific(_ left: CELType, _ right: CELType) -> Bool {
    switch (left, right) {
    case (.dyn, _), (.error, _), (.parameter, _): true
    case (_, .dyn), (_, .error), (_, .parameter): false
    case (_, .null): left.isNullable
    case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)):
      isEqualOrLessSpecific(left, right)
    case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
      isEqualOrLessSpecific(leftKey, rightKey) && isEqualOrLessSpecific(leftValue, rightValue)
    case (.opaque(let leftName, let left), .opaque(let rightName, let right)):
      leftName == rightName && left.count == right.count
        && zip(left, right).allSatisfy(isEqualOrLessSpecific)
    case (.type, .type): true
    default: left == right
    }
  }
}

extension CELType {
  /// Whether null can stand for a value of the type: of messages and types that are like them.
  var isNullable: Bool {
    switch self {
    case .null, .timestamp, .duration, .optional, .opaque: true
    default: false
    }
  }

  var isDynOrError: Bool {
    switch self {
    case .dyn, .error: true
    default: false
    }
  }
}
