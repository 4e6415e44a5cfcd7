// Finding equal elements in time linear in the lists.

/// The elements of a list, to ask whether there is an equal one.
///
/// Scalars are found by hashing. Lists, maps and the like are compared one by one, and each
/// comparison is charged.
struct ElementIndex {
  private var keys: Set<ElementKey> = []
  private var others: [CELValue] = []

  init() {}

  /// The index of a list.
  init(_ list: CELList, _ meter: inout CELCostMeter) throws(CELEvaluationError) {
    for element in list { try insert(element, &meter) }
  }

  /// Adds an element.
  mutating func insert(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    try charge(value, &meter)
    switch ElementKey.Finding(value) {
    case .key(let key): keys.insert(key)
    case .equalsNothing: break
    case .none: others.append(value)
    }
  }

  /// Whether an element equals the value.
  func contains(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> Bool {
    try charge(value, &meter)
    switch ElementKey.Finding(value) {
    case .key(let key): return keys.contains(key)
    case .equalsNothing: return false
    case .none:
      for other in others {
        if try CELValue.equals(other, value, &meter) { return true }
      }
      return false
    }
  }

  private func charge(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    switch value {
    case .string(let text): try meter.charge(1 + text.utf8Count / CELCostMeter.bytesPerStep)
    case .bytes(let bytes): try meter.charge(1 + bytes.count / CELCostMeter.bytesPerStep)
    default: try meter.charge()
    }
  }
}

/// A scalar in the form in which equal ones are the same.
private enum ElementKey: Hashable {
  case key(MapKey)
  case null
  /// Not an integer that MapKey has.
  case double(Double)
  case bytes([UInt8])
  case timestamp(CELTimestamp)
  case duration(CELDuration)

  enum Finding {
    case key(ElementKey)
    /// Not a number.
    case equalsNothing
    /// The value is not a scalar.
    case none

    init(_ value: CELValue) {
      if let key = MapKey(lookup: value) {
        self = .key(.key(key))
        return
      }
      switch value {
      case .null: self = .key(.null)
      case .double(let number): self = number.isNaN ? .equalsNothing : .key(.double(number))
      case .bytes(let bytes): self = .key(.bytes(bytes))
      case .timestamp(let timestamp): self = .key(.timestamp(timestamp))
      case .duration(let duration): self = .key(.duration(duration))
      default: self = .none
      }
    }
  }
}
