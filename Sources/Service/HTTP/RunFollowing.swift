// How whoever started a run can watch it.

import Bytes
import JSON
import Journal
import Kubernetes

/// A link to a run on a dashboard, with `{namespace}`, `{name}` and `{kind}` where they belong.
package struct DashboardLink: Sendable {
  private enum Piece {
    case text(String)
    case namespace, name, kind
  }

  private let pieces: [Piece]

  /// Why a text is no template of a link.
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Reads a template, such as `https://tekton.example.com/#/namespaces/{namespace}/pipelineruns/{name}`.
  package init(_ template: String) throws(Problem) {
    guard ["http://", "https://"].contains(where: { template.utf8.starts(with: $0.utf8) }) else {
      throw Problem(description: "it must begin with http:// or https://")
    }
    guard template.utf8.allSatisfy(ASCII.isVisible) else {
      throw Problem(description: "it has a space or another character that no URL has")
    }
    var pieces: [Piece] = []
    var rest = template[...]
    while let open = rest.firstIndex(of: "{") {
      pieces.append(.text(String(rest[..<open])))
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Problem(description: "a { has no }")
      }
      switch rest[rest.index(after: open)..<close] {
      case "namespace": pieces.append(.namespace)
      case "name": pieces.append(.name)
      case "kind": pieces.append(.kind)
      default:
        throw Problem(
          description: "\(rest[open...close]) is none of {namespace}, {name} and {kind}")
      }
      rest = rest[rest.index(after: close)...]
    }
    pieces.append(.text(String(rest)))
    guard pieces.contains(where: { if case .name = $0 { true } else { false } }) else {
      throw Problem(description: "it has no {name}")
    }
    self.pieces = pieces
  }

  /// The link to a run. What is put in is percent-encoded.
  func url(kind: String, namespace: String, name: String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .namespace: PercentEncoding.encode(namespace)
      case .name: PercentEncoding.encode(name)
      case .kind: PercentEncoding.encode(kind)
      }
    }.joined()
  }
}

/// The ways to watch a run, for a reply.
struct RunFollowing: Sendable {
  let dashboard: DashboardLink?

  /// Commands that can be pasted, and the link where there is one.
  ///
  /// Names and namespaces are DNS names and kinds are words, so nothing in them means anything to a
  /// shell.
  func json(_ run: StoredRun) -> JSONValue {
    let kind = ASCII.lowercased(run.kind)
    let place = run.namespace.isEmpty ? "" : " -n \(run.namespace)"
    let group = run.apiVersion.split(separator: "/").dropLast().first.map { ".\($0)" } ?? ""
    var ways: JSONObject = [
      "kubectl": .string("kubectl get \(kind)\(group) \(run.name)\(place) --watch")
    ]
    if group == ".tekton.dev", ["pipelinerun", "taskrun"].contains(kind) {
      ways["tkn"] = .string("tkn \(kind) logs -f \(run.name)\(place)")
    }
    if let dashboard {
      ways["dashboard"] = .string(
        dashboard.url(kind: kind, namespace: run.namespace, name: run.name))
    }
    return .object(ways)
  }
}
