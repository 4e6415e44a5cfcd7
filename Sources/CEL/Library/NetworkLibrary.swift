// The network library (cel-go's `ext.Network`).

extension CELLibrary {
  /// `ip cidr isIP isCIDR ip.isCanonical`, the kinds of addresses, and what a range contains.
  package static let network = CELLibrary(
    name: "network",
    functions: [
      CELFunction(
        "ip",
        .global(
          "string_to_ip", [.string], ip,
          parsing { text throws(CELEvaluationError) in try NetworkAddress(parsing: text) }),
        .member(
          "cidr_ip", [cidr], ip,
          range { range throws(CELEvaluationError) in .opaque(CELOpaque(range.address)) })),
      CELFunction(
        "cidr",
        .global(
          "string_to_cidr", [.string], cidr,
          parsing { text throws(CELEvaluationError) in try NetworkRange(parsing: text) })),
      CELFunction("isIP", .global("is_ip", [.string], .bool, succeeds(NetworkAddress.init))),
      CELFunction("isCIDR", .global("is_cidr", [.string], .bool, succeeds(NetworkRange.init))),
      CELFunction(
        "ip.isCanonical",
        .global(
          "ip_is_canonical", [.string], .bool,
          .string { text, meter throws(CELEvaluationError) in
            try meter.charge(bytes: text.utf8Count)
            let canonical = try NetworkAddress(parsing: text.text).text
            return .bool(CELString(canonical) == text)
          })),
      CELFunction(
        "family",
        .member(
          "ip_family", [ip], .int,
          address { address throws(CELEvaluationError) in .int(address.family.rawValue) })),
      kind("isUnspecified") { $0.isUnspecified }, kind("isLoopback") { $0.isLoopback },
      kind("isGlobalUnicast") { $0.isGlobalUnicast },
      kind("isLinkLocalMulticast") { $0.isLinkLocalMulticast },
      kind("isLinkLocalUnicast") { $0.isLinkLocalUnicast },
      containsIP, containsCIDR,
      CELFunction(
        "masked",
        .member(
          "cidr_masked", [cidr], cidr,
          range { range throws(CELEvaluationError) in .opaque(CELOpaque(range.masked)) })),
      CELFunction(
        "prefixLength",
        .member(
          "cidr_prefix_length", [cidr], .int,
          range { range throws(CELEvaluationError) in .int(Int64(range.prefixLength)) })),
      CELFunction(
        "string",
        .global(
          "ip_to_string", [ip], .string,
          address { address throws(CELEvaluationError) in .string(address.text) }),
        .global(
          "cidr_to_string", [cidr], .string,
          range { range throws(CELEvaluationError) in .string(range.text) })),
    ],
    constants: ["net.IP": .type(ip), "net.CIDR": .type(cidr)])

  private static let ip = NetworkAddress.celType
  private static let cidr = NetworkRange.celType

  private static let containsIP = CELFunction(
    "containsIP",
    .member(
      "cidr_contains_ip_ip", [cidr, ip], .bool,
      .values { range, address, _ throws(CELEvaluationError) in
        .bool(try range.opaque(NetworkRange.self).contains(address.opaque(NetworkAddress.self)))
      }),
    .member(
      "cidr_contains_ip_string", [cidr, .string], .bool,
      .values { range, text, meter throws(CELEvaluationError) in
        let text = try text.string().text
        try meter.charge(bytes: text.utf8.count)
        return .bool(
          try range.opaque(NetworkRange.self).contains(NetworkAddress(parsing: text)))
      }))

  private static let containsCIDR = CELFunction(
    "containsCIDR",
    .member(
      "cidr_contains_cidr", [cidr, cidr], .bool,
      .values { range, other, _ throws(CELEvaluationError) in
        .bool(try range.opaque(NetworkRange.self).contains(other.opaque(NetworkRange.self)))
      }),
    .member(
      "cidr_contains_cidr_string", [cidr, .string], .bool,
      .values { range, text, meter throws(CELEvaluationError) in
        let text = try text.string().text
        try meter.charge(bytes: text.utf8.count)
        return .bool(try range.opaque(NetworkRange.self).contains(NetworkRange(parsing: text)))
      }))

  private static func kind(
    _ name: String, _ test: @escaping @Sendable (NetworkAddress) -> Bool
  ) -> CELFunction {
    CELFunction(
      name,
      .member(
        "ip_" + name, [ip], .bool,
        address { address throws(CELEvaluationError) in .bool(test(address)) }))
  }

  private static func parsing(
    _ parse: @escaping @Sendable (String) throws(CELEvaluationError) -> any CELOpaqueValue
  ) -> CELOverload.Implementation {
    .string { text, meter throws(CELEvaluationError) in
      try meter.charge(bytes: text.utf8Count)
      return .opaque(CELOpaque(try parse(text.text)))
    }
  }

  private static func succeeds<Value>(
    _ parse: @escaping @Sendable (String) throws(CELEvaluationError) -> Value
  ) -> CELOverload.Implementation {
    .string { text, meter throws(CELEvaluationError) in
      try meter.charge(bytes: text.utf8Count)
      do {
        _ = try parse(text.text)
        return .bool(true)
      } catch {
        return .bool(false)
      }
    }
  }

  private static func address(
    _ body: @escaping @Sendable (NetworkAddress) throws(CELEvaluationError) -> CELValue
  ) -> CELOverload.Implementation {
    .value { value, _ throws(CELEvaluationError) in try body(value.opaque(NetworkAddress.self)) }
  }

  private static func range(
    _ body: @escaping @Sendable (NetworkRange) throws(CELEvaluationError) -> CELValue
  ) -> CELOverload.Implementation {
    .value { value, _ throws(CELEvaluationError) in try body(value.opaque(NetworkRange.self)) }
  }
}

extension CELValue {
  /// The value in the box. *Errors:* a value of another type.
  fileprivate func opaque<Value: CELOpaqueValue>(
    _ type: Value.Type
  ) throws(CELEvaluationError) -> Value {
    guard case .opaque(let opaque) = self, let value = opaque.value as? Value else {
      throw .noSuchOperator
    }
    return value
  }
}
