// The file that tells clients where a sandbox is and how to be its owner.

import Bytes
import JSON
import YAML

/// A kubeconfig for one sandbox.
struct Kubeconfig {
  var server: String
  var authorityPEM: [UInt8]
  var token: String

  /// The name of cluster, user and context.
  private static let name = "hookline-sandbox"

  var text: String {
    let name = JSONValue.string(Self.name)
    let value: JSONValue = [
      "apiVersion": "v1", "kind": "Config",
      "clusters": [
        [
          "name": name,
          "cluster": [
            "server": .string(server),
            "certificate-authority-data": .string(Base64.encode(authorityPEM)),
          ],
        ]
      ],
      "users": [["name": name, "user": ["token": .string(token)]]],
      "contexts": [
        ["name": name, "context": ["cluster": name, "user": name, "namespace": "default"]]
      ], "current-context": name,
    ]
    return value.yaml()
  }
}
