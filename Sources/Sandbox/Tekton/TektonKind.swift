// The kinds of objects that Tekton's webhook looks after.

import JSON

/// A kind of `tekton.dev` with the rules that belong to it.
enum TektonKind: String, Sendable {
  case task = "Task"
  case taskRun = "TaskRun"
  case stepAction = "StepAction"
  case pipelineRun = "PipelineRun"
  case pipeline = "Pipeline"
  case customRun = "CustomRun"

  /// What the objects of a version consist of.
  func structure(_ version: TektonVersion) -> WebhookStructure {
    Self.structures[version]?[self] ?? WebhookStructure(rawValue, [])
  }

  /// Made once: the tables are large.
  private static let structures: [TektonVersion: [TektonKind: WebhookStructure]] = {
    var structures: [TektonVersion: [TektonKind: WebhookStructure]] = [:]
    for version in TektonVersion.allCases {
      structures[version] = [
        .task: TektonTypes.task(version), .taskRun: TektonTypes.taskRun(version),
        .stepAction: TektonTypes.stepAction(version),
        .pipelineRun: TektonTypes.pipelineRun(version),
        .pipeline: TektonTypes.pipeline(version), .customRun: TektonTypes.customRun,
      ]
    }
    return structures
  }()

  // MARK: Rules

  /// Fills in what was left out.
  func setDefaults(_ object: inout JSONValue, _ version: TektonVersion, isNew: Bool) {
    switch self {
    case .pipelineRun: TektonDefaults.pipelineRun(&object, version)
    case .taskRun: TektonDefaults.taskRun(&object)
    case .pipeline: Self.changeSpec(&object, TektonDefaults.pipelineSpec)
    case .task: Self.changeSpec(&object, TektonDefaults.taskSpec)
    case .stepAction: Self.changeSpec(&object, TektonDefaults.stepActionSpec)
    case .customRun: Self.changeSpec(&object, TektonDefaults.customRunSpec)
    }
    if isNew, self == .pipelineRun || self == .taskRun {
      TektonDefaults.dropReservedAnnotations(&object)
    }
  }

  private static func changeSpec(_ object: inout JSONValue, _ body: (inout JSONValue) -> Void) {
    var spec = object["spec"] ?? [:]
    body(&spec)
    object["spec"] = spec
  }

  /// The mistakes in an object that has its defaults.
  func violations(
    of object: JSONValue, old: JSONValue?, _ version: TektonVersion
  ) -> FieldViolations {
    let spec = object["spec"] ?? [:]
    switch self {
    case .pipelineRun: return PipelineRunValidation.validate(object, old: old, version)
    case .taskRun: return TaskRunValidation.validate(object, old: old, version)
    case .pipeline:
      return RunValidation.metadata(object)
        + PipelineSpecValidation.standalone(spec, version).via("spec")
    case .task:
      var violations = TaskSpecValidation.standalone(spec)
      if version == .v1beta1, spec["resources"] != nil { violations += .disallowed("resources") }
      return RunValidation.metadata(object) + violations.via("spec")
    case .stepAction:
      return RunValidation.metadata(object) + StepActionValidation.validate(spec).via("spec")
    case .customRun:
      return RunValidation.metadata(object) + CustomRunValidation.validate(spec).via("spec")
    }
  }
}
