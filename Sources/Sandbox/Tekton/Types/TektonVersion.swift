// The versions of Tekton's API that are served.

/// A version of `tekton.dev`. Objects are kept as ``v1``.
enum TektonVersion: String, Sendable, CaseIterable {
  case v1
  case v1beta1

  /// `tekton.dev/v1`.
  var apiVersion: String { "\(TektonTypes.group)/\(rawValue)" }

  /// The name of a Go type of this version: `v1.Params`.
  func type(_ name: String) -> String { "\(rawValue).\(name)" }
}
