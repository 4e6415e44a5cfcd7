// The namespaces that a configuration names.

import JSON

extension HookSet {
  /// The namespaces of the hooks, and of their runs where the templates name one without a
  /// placeholder.
  package var namespaces: Set<String> {
    var namespaces: Set<String> = []
    for hook in hooks.values {
      namespaces.insert(hook.name.namespace)
      for trigger in hook.triggers {
        if let namespace = trigger.template.writtenNamespace { namespaces.insert(namespace) }
      }
    }
    return namespaces
  }
}

extension RunTemplate {
  /// `metadata.namespace`, where the template has it without a placeholder.
  fileprivate var writtenNamespace: String? {
    root.member("metadata")?.member("namespace")?.writtenText
  }
}

extension TemplateNode {
  fileprivate func member(_ key: String) -> TemplateNode? {
    switch self {
    case .literal(let value): value[key].map { .literal($0) }
    case .object(let members): members.first { $0.key == key }?.node
    case .text, .whole, .list: nil
    }
  }

  fileprivate var writtenText: String? {
    if case .literal(let value) = self { value.stringValue } else { nil }
  }
}
