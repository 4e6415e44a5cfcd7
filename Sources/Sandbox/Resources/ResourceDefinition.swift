// What the server knows about one kind of object: its names, its versions and the rules that are
// its own. The verbs, selectors, paging, watches and forms of answers are the same for all kinds.

package import JSON

/// One resource that the server serves: `pipelineruns.tekton.dev`, `secrets`, ….
///
/// Definitions are values: the server is given a list of them, and creating a
/// `CustomResourceDefinition` adds one.
package struct ResourceDefinition: Sendable {
  /// The API group; empty for the core group.
  package var group: String
  /// The names by which the resource is known.
  package var names: ResourceNames
  /// Whether objects live in a namespace.
  package var scope: ResourceScope
  /// Whether the resource behaves like a type compiled into the server or like a custom one.
  package var origin: ResourceOrigin
  /// The served versions, in the order in which discovery lists them. Never empty.
  package var versions: [ResourceVersion]
  /// The version in which objects are kept.
  package var storageVersion: String
  /// The verbs that discovery lists; `nil` for all eight.
  package var verbs: [String]?
  /// What happens to an object on its way in.
  package var admission: ResourceAdmission
  /// Gives the same object in another served version.
  package var convert: ObjectConversion?
  /// Under which name objects are kept; two resources of one name show the same objects.
  package var storageName: String
  /// How the resource differs from an ordinary one.
  package var traits: ResourceTraits
  /// Whether a CustomResourceDefinition may take the place of this one. Resources with rules that
  /// no definition can state keep theirs.
  package var isReplaceable = false

  package init(
    group: String, names: ResourceNames, scope: ResourceScope = .namespaced,
    origin: ResourceOrigin = .custom, versions: [ResourceVersion], storageVersion: String,
    verbs: [String]? = nil, admission: ResourceAdmission = ResourceAdmission(),
    convert: ObjectConversion? = nil, storageName: String? = nil, traits: ResourceTraits? = nil
  ) {
    self.group = group
    self.names = names
    self.scope = scope
    self.origin = origin
    self.versions = versions
    self.storageVersion = storageVersion
    self.verbs = verbs
    self.admission = admission
    self.convert = convert
    self.storageName = storageName ?? (group.isEmpty ? names.plural : "\(names.plural).\(group)")
    self.traits = traits ?? (origin == .custom ? .custom : ResourceTraits())
  }

  /// The served version of that name.
  package func version(_ name: String) -> ResourceVersion? {
    versions.first { $0.name == name }
  }

  /// `tekton.dev/v1`, or `v1` for the core group.
  package func apiVersion(_ version: String) -> String {
    group.isEmpty ? version : "\(group)/\(version)"
  }

  /// `pipelineruns.tekton.dev`, or `secrets` for the core group.
  package var qualifiedPlural: String {
    group.isEmpty ? names.plural : "\(names.plural).\(group)"
  }
}

/// Converts one object: the object, the version it is in, the version wanted. The object that is
/// returned has its `apiVersion` already set.
package typealias ObjectConversion =
  @Sendable (_ object: JSONValue, _ from: String, _ to: String) throws(AdmissionDenial) -> JSONValue

/// How a resource differs from an ordinary one.
package struct ResourceTraits: Sendable {
  /// Whether `metadata.generation` counts changes of everything but metadata and status.
  package var countsGenerations = false
  /// Whether a change must say which resource version it changes.
  package var requiresVersionOnUpdate = false
  /// Whether a PUT of an object that does not exist creates it.
  package var allowsCreateOnUpdate = false
  /// Whether a deletion is answered with the object that is gone, where others get a Status.
  package var returnsDeletedObject = false
  /// Whether objects are kept at all. Reviews are answered and forgotten.
  package var isEphemeral = false
  /// The group that messages about invalid objects name, where it is not the resource's own.
  package var kindGroup: String?
  /// What names may be. The default rule is ``NameRules/subdomain(_:)``.
  package var nameRule = NameRule.subdomain

  package init() {}

  /// As custom resources are.
  package static let custom: ResourceTraits = {
    var traits = ResourceTraits()
    traits.countsGenerations = true
    traits.requiresVersionOnUpdate = true
    return traits
  }()
}

/// The rules for names that resources choose from.
package enum NameRule: Sendable {
  case subdomain
  case label
  case label1035
  case pathSegment

  var check: (String) -> [String] {
    switch self {
    case .subdomain: NameRules.subdomain
    case .label: NameRules.label
    case .label1035: NameRules.label1035
    case .pathSegment: NameRules.pathSegment
    }
  }
}

/// The names of a resource.
package struct ResourceNames: Sendable, Equatable {
  package var plural: String
  package var singular: String
  package var kind: String
  package var listKind: String
  package var shortNames: [String]
  package var categories: [String]

  package init(
    plural: String, singular: String? = nil, kind: String, listKind: String? = nil,
    shortNames: [String] = [], categories: [String] = []
  ) {
    self.plural = plural
    self.singular = singular ?? kind.lowercased()
    self.kind = kind
    self.listKind = listKind ?? "\(kind)List"
    self.shortNames = shortNames
    self.categories = categories
  }
}

/// Where objects of a resource live.
package enum ResourceScope: Sendable, Equatable {
  case namespaced
  case cluster
}

/// Which of the two implementations inside a real API server serves the resource. They differ in
/// the text of errors, in the order of keys, and in whether the items of a list carry their kind.
package enum ResourceOrigin: Sendable, Equatable {
  case builtIn
  case custom
}

/// One served version of a resource.
package struct ResourceVersion: Sendable {
  /// `v1`, `v1beta1`, ….
  package var name: String
  /// The structure of the objects, without `apiVersion`, `kind` and `metadata`, which the server
  /// checks itself.
  package var schema: ObjectSchema
  /// The columns of the Table form after the name, which is always the first.
  package var columns: [PrinterColumn]
  /// Whether `/status` exists. Then a write to the object itself leaves `status` alone, and the
  /// other way round.
  package var hasStatus: Bool
  /// The field paths that a `fieldSelector` may use besides `metadata.name` and
  /// `metadata.namespace`.
  package var selectableFields: [String]
  /// The compiled-in type, for resources of that origin.
  package var goType: GoStructure?
  /// What is filled in while an object is read, before anything else looks at it.
  package var defaults: (@Sendable (JSONValue) -> JSONValue)?

  package init(
    name: String, schema: ObjectSchema, columns: [PrinterColumn] = [], hasStatus: Bool = false,
    selectableFields: [String] = [], goType: GoStructure? = nil,
    defaults: (@Sendable (JSONValue) -> JSONValue)? = nil
  ) {
    self.defaults = defaults
    self.name = name
    self.goType = goType
    self.schema = schema
    self.columns = columns
    self.hasStatus = hasStatus
    self.selectableFields = selectableFields
  }
}

/// One column of the Table form.
package struct PrinterColumn: Sendable {
  package var name: String
  /// `string`, `integer`, `number`, `boolean` or `date`. A date is printed as an age.
  package var type: String
  package var format: String
  package var description: String
  /// 0 is always shown, more only by `kubectl get -o wide`.
  package var priority: Int
  package var cell: Cell

  /// Where the value of a cell comes from.
  package enum Cell: Sendable {
    /// A JSONPath as in `additionalPrinterColumns`, with its leading dot.
    case path(String)
    /// A rule of the resource. The second argument is the present time in seconds since 1970.
    case computed(@Sendable (JSONValue, Int64) -> JSONValue)
  }

  package init(
    name: String, type: String = "string", format: String = "", description: String = "",
    priority: Int = 0, cell: Cell
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.description = description
    self.priority = priority
    self.cell = cell
  }
}
