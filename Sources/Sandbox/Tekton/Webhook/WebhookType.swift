// Go types as `encoding/json` sees them.
//
// Tekton's admission webhook decodes each object into Go structures and writes it out again. What
// it refuses, what it drops and what empty members it adds all follow from the types. The same
// types are the source of the structural schemas. So they are written down once, as tables.

/// The type of one value.
indirect enum WebhookType: Sendable {
  /// A kind of string; the name appears in errors.
  case text(named: String)
  case flag
  /// A kind of whole number; the name appears in errors.
  case integer(named: String)
  case list(of: WebhookType, named: String?)
  case map(of: WebhookType, named: String?)
  case structure(WebhookStructure)
  /// A structure that contains itself.
  case recursive(@Sendable () -> WebhookStructure)
  case pointer(WebhookType)
  /// `metav1.Duration`.
  case duration
  /// `metav1.Time`.
  case time
  /// `resource.Quantity`.
  case quantity
  /// `intstr.IntOrString`.
  case integerOrString
  /// `runtime.RawExtension`: any JSON.
  case raw
  /// An object that others look after: metadata.
  case opaque
  /// A string, a list of strings or a map of strings, with a lenient reader of its own.
  case parameterValue(named: String)

  static let string = WebhookType.text(named: "string")
  static let int = WebhookType.integer(named: "int")
  static let int32 = WebhookType.integer(named: "int32")
  static let int64 = WebhookType.integer(named: "int64")
  static let strings = WebhookType.list(of: .string, named: nil)
  static let stringMap = WebhookType.map(of: .string, named: nil)

  /// The name as Go's reflection gives it.
  var name: String {
    switch self {
    case .text(let name), .integer(let name), .parameterValue(let name): name
    case .flag: "bool"
    case .list(let element, let name): name ?? "[]\(element.name)"
    case .map(let element, let name): name ?? "map[string]\(element.name)"
    case .structure(let structure): structure.name
    case .recursive(let structure): structure().name
    case .pointer(let target): "*\(target.name)"
    case .duration: "v1.Duration"
    case .time: "v1.Time"
    case .quantity: "resource.Quantity"
    case .integerOrString: "intstr.IntOrString"
    case .raw: "runtime.RawExtension"
    case .opaque: "v1.ObjectMeta"
    }
  }
}

/// A structure: its qualified name and its fields.
///
/// A class, since structures are shared between tables and looked into for every object.
final class WebhookStructure: Sendable {
  /// `v1.PipelineRunSpec`.
  let name: String
  /// The fields in the order in which they are written, with embedded structures' fields in place.
  let fields: [WebhookField]
  private let indexes: [String: Int]

  init(_ name: String, _ members: [WebhookMember]) {
    self.name = name
    let fields = members.flatMap { member -> [WebhookField] in
      switch member {
      case .field(let field): [field]
      case .embedded(let inner):
        inner.fields.map { $0.embedded(in: inner.localName) }
      }
    }
    self.fields = fields
    indexes = Dictionary(
      fields.indices.map { (fields[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The name without the package.
  var localName: String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  /// Which field a key of an object means: the one of that name, else one that differs in case.
  func index(ofKey key: String) -> Int? {
    if let index = indexes[key] { return index }
    let folded = key.lowercased()
    return fields.firstIndex { $0.name.lowercased() == folded }
  }
}

/// What a structure is declared with.
enum WebhookMember: Sendable {
  case field(WebhookField)
  /// An embedded structure, `json:",inline"`.
  case embedded(WebhookStructure)

  /// A field that is always written, and required: `json:"name"`.
  static func always(_ name: String, _ type: WebhookType) -> WebhookMember {
    .field(WebhookField(name: name, type: type, presence: .always))
  }

  /// A field that is always written, but may be left out by clients.
  static func written(_ name: String, _ type: WebhookType) -> WebhookMember {
    .field(WebhookField(name: name, type: type, presence: .written))
  }

  /// A field that is left out when it is empty: `json:"name,omitempty"`.
  static func optional(_ name: String, _ type: WebhookType) -> WebhookMember {
    .field(WebhookField(name: name, type: type, presence: .unlessEmpty))
  }

  /// A pointer, left out when it is nil.
  static func pointer(_ name: String, _ target: WebhookType) -> WebhookMember {
    .optional(name, .pointer(target))
  }

  /// A pointer to a structure, left out when it is nil.
  static func pointer(_ name: String, _ target: WebhookStructure) -> WebhookMember {
    .optional(name, .pointer(.structure(target)))
  }

  /// A list of structures, left out when it is empty.
  static func list(
    _ name: String, _ element: WebhookStructure, named: String? = nil
  ) -> WebhookMember {
    .optional(name, .list(of: .structure(element), named: named))
  }

  /// The same field where the schema says nothing about its value.
  var schemaless: WebhookMember {
    guard case .field(var field) = self else { return self }
    field.isSchemaless = true
    return .field(field)
  }

  /// The same field where the schema fills in an empty text.
  var defaultingToEmptyText: WebhookMember {
    guard case .field(var field) = self else { return self }
    field.defaultsToEmptyText = true
    return .field(field)
  }
}

/// One field of a structure.
struct WebhookField: Sendable {
  /// When a field is written.
  enum Presence: Sendable {
    case always
    case written
    case unlessEmpty
  }

  /// The key in JSON.
  var name: String
  var type: WebhookType
  var presence: Presence
  /// Whether the schema keeps whatever is there.
  var isSchemaless = false
  var defaultsToEmptyText = false
  /// The embedded structures that the field comes from, outermost first.
  var embeddedPath: [String] = []

  func embedded(in structure: String) -> WebhookField {
    var field = self
    field.embeddedPath.insert(structure, at: 0)
    return field
  }
}
