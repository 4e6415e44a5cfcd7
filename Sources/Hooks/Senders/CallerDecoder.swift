// From `spec.manual` to who may start triggers by hand.
//
//   callers:
//   - name: a DNS label, once in the hook
//     secret: SECRET                  see SecretDecoder.swift: a bearer token or, with signature, a key
//     signature?: standard-webhooks   calls are signed instead of showing the token
//     triggers: [name]                what the caller may start
//     rate?: 10/m                     how often: calls in a second, minute, hour or day (s, m, h, d)

import Bytes
import YAML

/// Reads the callers of one hook.
struct CallerDecoder {
  private let secretDecoder: SecretDecoder
  private let spec: PlacedObject?

  /// - Parameter spec: the hook's, whose triggers the callers name.
  static func decode(
    _ value: PlacedNode?, secrets: SecretDecoder, spec: PlacedObject?,
    reader: inout DocumentReader
  ) -> [ManualCaller] {
    guard let value else { return [] }
    let decoder = CallerDecoder(secretDecoder: secrets, spec: spec)
    let manual = reader.object(value, fields: ["callers"])
    var names: Set<String> = []
    return (reader.list(reader.required(manual, "callers")) ?? []).compactMap {
      decoder.caller($0, &names, &reader)
    }
  }

  private enum Signature: String, CaseIterable {
    case standardWebhooks = "standard-webhooks"
  }

  private func caller(
    _ item: PlacedNode, _ names: inout Set<String>, _ reader: inout DocumentReader
  ) -> ManualCaller? {
    let object = reader.object(item, fields: ["name", "secret", "signature", "triggers", "rate"])
    let nameValue = reader.required(object, "name")
    let name = reader.text(nameValue)
    if let name, let place = nameValue?.place {
      if !KubernetesNames.isDNSLabel(name) {
        reader.error(place, "\"\(name)\" is not a valid name: \(HookDecoder.labelRule)")
      } else if !names.insert(name).inserted {
        reader.error(place, "another caller is named \"\(name)\", too")
      }
    }
    let signature = reader.choice(
      object?["signature"], of: Signature.self, what: "signature of calls")
    let secret = secretDecoder.decode(
      reader.required(object, "secret"), publicKeys: signature == nil ? .refused : .allowed,
      reader: &reader)
    let triggers = reader.texts(reader.required(object, "triggers")) ?? []
    for trigger in triggers { checkManual(trigger, &reader) }
    var rate: CallRate?
    if let value = object?["rate"], let text = reader.text(value) {
      rate = CallRate(text)
      if rate == nil {
        reader.error(
          value.place,
          "\"\(text)\" is not a rate: write 10/m for 10 calls a minute, at most "
            + "\(CallRate.countMax); the units are s, m, h and d")
      }
    }
    guard let name, let secret else { return nil }
    return ManualCaller(
      name: name, proof: signature == nil ? .bearer : .signature, secret: secret,
      triggers: triggers.map(\.text), rate: rate)
  }

  /// Whether a trigger that a caller may start is there and may be started by hand. It looks at the
  /// document, so that a trigger with other errors does not cause more of them here.
  private func checkManual(_ trigger: PlacedText, _ reader: inout DocumentReader) {
    let triggers = spec?["triggers"]?.node.sequence ?? []
    let names = triggers.compactMap { $0["name"]?.string }
    guard let node = triggers.first(where: { $0["name"]?.string == trigger.text }) else {
      return reader.error(
        trigger.place, "there is no trigger \"\(trigger.text)\"",
        suggestion: Suggestion.nearest(to: trigger.text, among: names))
    }
    guard let entries = node["on"]?.sequence ?? (node["schedule"] == nil ? nil : []) else {
      return
    }
    if !entries.contains(where: { $0.string == EventKind.manual.rawValue }) {
      reader.error(
        trigger.place,
        "the trigger \"\(trigger.text)\" is not started by hand: add manual to its on")
    }
  }
}
