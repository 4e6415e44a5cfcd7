// The order in which the tasks of a pipeline run.

/// Which task waits for which others.
///
/// *Source:* `pkg/reconciler/pipeline/dag` of Tekton.
enum TaskGraph {
  /// What is wrong with the graph; `nil` if it has no cycle and every task exists.
  ///
  /// - Parameter tasks: each task's name with the names of the tasks that it waits for, in the
  ///   order of the pipeline.
  static func mistake(in tasks: [(name: String, dependencies: [String])]) -> String? {
    var waiting: [String: Set<String>] = [:]
    var names: Set<String> = []
    for task in tasks {
      guard names.insert(task.name).inserted else {
        return "task \(task.name) is already present in Graph, can't add it again: "
          + "duplicate pipeline task"
      }
      if !task.dependencies.isEmpty { waiting[task.name] = Set(task.dependencies) }
    }
    if let cycle = cycle(waiting) { return "cycle detected; \(cycle)" }
    for (name, dependencies) in waiting.sorted(by: { $0.key < $1.key }) {
      if let unknown = dependencies.subtracting(names).min() {
        return "couldn't add link between \(name) and \(unknown): task \(name) depends on "
          + "\(unknown) but \(unknown) wasn't present in Pipeline"
      }
    }
    return nil
  }

  /// Removes tasks that wait for nothing, over and over, and describes what remains.
  private static func cycle(_ waiting: [String: Set<String>]) -> String? {
    var waiting = waiting
    var followers: [String: [String]] = [:]
    var free: [String] = []
    for (name, dependencies) in waiting {
      for dependency in dependencies {
        followers[dependency, default: []].append(name)
        if waiting[dependency] == nil { free.append(dependency) }
      }
    }
    while let done = free.popLast() {
      for follower in followers.removeValue(forKey: done) ?? [] {
        waiting[follower]?.remove(done)
        if waiting[follower]?.isEmpty == true {
          waiting[follower] = nil
          free.append(follower)
        }
      }
    }
    guard let first = waiting.keys.min(), let dependencies = waiting[first] else { return nil }
    let list = dependencies.sorted().map(quoted).joined(separator: ", ")
    return "task \(quoted(first)) depends on \(list)"
  }
}
