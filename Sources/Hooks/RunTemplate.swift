// From a trigger's template to the object that is sent to the API server.

import Crypto
package import JSON

/// The template of one run.
package struct RunTemplate: Sendable {
  package let apiVersion: String
  package let kind: String
  let root: TemplateNode

  /// The largest rendered object in bytes, values counted: etcd refuses requests above 1.5 MiB.
  static let byteLimit = 1 << 20
}

/// An object to create, and what it is for.
package struct RenderedRun: Equatable, Sendable {
  package let hook: HookName
  package let trigger: String
  /// The event's place in its delivery.
  package let index: Int
  package let namespace: String
  package let name: String
  /// The value of the label that marks the delivery. An object of this name with this label is this
  /// run; one without it is someone else's.
  package let deliveryLabel: String
  /// The whole object, `metadata.name` and `metadata.namespace` included.
  package let object: JSONValue

  package var apiVersion: String { object["apiVersion"]?.stringValue ?? "" }
  package var kind: String { object["kind"]?.stringValue ?? "" }
}

/// The labels and annotations of every run.
package enum RunMark {
  package static let managedBy = "app.kubernetes.io/managed-by"
  package static let manager = "hookline"
  /// What begins our own labels and annotations.
  package static let prefix = "hookline.dev/"
  package static let hook = prefix + "hook"
  package static let trigger = prefix + "trigger"
  package static let delivery = prefix + "delivery"
  package static let event = prefix + "event"
  package static let repository = prefix + "repository"
  package static let revision = prefix + "revision"
  package static let sender = prefix + "sender"
  package static let sourceDelivery = prefix + "source-delivery"

  /// The label value for a delivery key. It tells whose run an object of a fixed name is, so two
  /// deliveries never share one.
  package static func deliveryLabel(_ key: String) -> String {
    KubernetesNames.distinctLabelValue(key)
  }
}

extension RunTemplate {
  /// - Parameter eventValue: the event as JSON.
  func render(
    _ event: Event, _ eventValue: JSONValue, at index: Int, of delivery: Delivery, hook: HookName,
    trigger: String, inputs: JSONObject, variables: JSONObject, unsafeValues: UnsafeValues
  ) throws(TemplateError) -> RenderedRun {
    var facts: JSONObject = [
      "id": .string(delivery.id), "hook": .string(hook.name),
      "namespace": .string(hook.namespace), "trigger": .string(trigger),
    ]
    if let sourceID = delivery.sourceID { facts["sourceID"] = .string(sourceID) }
    let context = TemplateContext(
      event: eventValue, body: delivery.body, header: delivery.header, query: delivery.query,
      inputs: .object(inputs), vars: .object(variables), delivery: .object(facts))
    var renderer = TemplateRenderer(context, unsafeValues: unsafeValues)
    var object = try renderer.render(root).objectValue ?? JSONObject()
    let rendered = object["metadata"]?.objectValue ?? JSONObject()

    let namespace = rendered["namespace"]?.stringValue ?? hook.namespace
    guard KubernetesNames.isDNSLabel(namespace) else { throw .invalidNamespace(namespace) }
    let name: String
    if let fixed = rendered["name"]?.stringValue {
      guard KubernetesNames.isDNSSubdomain(fixed) else { throw .invalidName(fixed) }
      name = fixed
    } else {
      name = RunName.derive(
        prefix: rendered["generateName"]?.stringValue ?? "", hook: hook,
        deliveryKey: delivery.key, trigger: trigger, index: index)
    }
    let label = RunMark.deliveryLabel(delivery.key)

    var metadata: JSONObject = ["name": .string(name), "namespace": .string(namespace)]
    metadata["labels"] = .object(
      Self.labels(rendered["labels"], hook: hook, trigger: trigger, delivery: label))
    metadata["annotations"] = .object(
      Self.annotations(rendered["annotations"], event: event, delivery: delivery))
    for member in rendered
    where !metadata.contains(member.key) && member.key != "generateName" {
      metadata[member.key] = member.value
    }
    object["metadata"] = .object(metadata)
    return RenderedRun(
      hook: hook, trigger: trigger, index: index, namespace: namespace, name: name,
      deliveryLabel: label, object: .object(object))
  }

  /// The template's labels, their values made legal where a placeholder made them, and ours.
  private static func labels(
    _ own: JSONValue?, hook: HookName, trigger: String, delivery: String
  ) -> JSONObject {
    var labels = JSONObject()
    for member in own?.objectValue ?? JSONObject() {
      let value = member.value.stringValue ?? ""
      let legal = KubernetesNames.isLabelValue(value) ? value : KubernetesNames.labelValue(value)
      labels[member.key] = .string(legal)
    }
    labels[RunMark.managedBy] = .string(RunMark.manager)
    labels[RunMark.hook] = .string(KubernetesNames.labelValue(hook.name))
    labels[RunMark.trigger] = .string(trigger)
    labels[RunMark.delivery] = .string(delivery)
    return labels
  }

  /// The template's annotations and ours, which hold the event's texts as they are, cut to
  /// ``annotationByteLimit``.
  private static func annotations(
    _ own: JSONValue?, event: Event, delivery: Delivery
  ) -> JSONObject {
    var annotations = own?.objectValue ?? JSONObject()
    let facts = [
      (RunMark.event, event.kind.rawValue), (RunMark.repository, event.repository),
      (RunMark.revision, event.revision), (RunMark.sender, event.sender),
      (RunMark.sourceDelivery, delivery.sourceID),
    ]
    for case (let key, let text?) in facts {
      annotations[key] = .string(cut(text))
    }
    return annotations
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > annotationByteLimit else { return text }
    var kept = String.UnicodeScalarView()
    var byteCount = 0
    for scalar in text.unicodeScalars {
      byteCount += UTF8.width(scalar)
      guard byteCount <= annotationByteLimit else { break }
      kept.append(scalar)
    }
    return String(kept)
  }

  /// All annotations of an object may have 256 KiB; a fact that needs more than this is no fact.
  private static let annotationByteLimit = 1024
}
