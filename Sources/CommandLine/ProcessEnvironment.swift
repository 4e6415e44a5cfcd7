import FoundationEssentials

/// The environment that the process was started with.
enum ProcessEnvironment {
  static let variables: [String: String] = ProcessInfo.processInfo.environment
}
