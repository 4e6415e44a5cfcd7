// Where a Git host answers questions about its repositories.
//
//   API = url?: https://HOST[/PATH]     where it is absent, that of the public instance
//         token: SECRET
//         caFile?: path                 whose certificates vouch for the host; else the system's

package import Bytes
import YAML

/// The API of a hook's sender, as far as deferred decisions ask it.
///
/// It is the only host that they ask: no address in a payload is ever followed.
package struct ProviderAPI: Sendable, Equatable {
  /// The root below which the paths of the API's documentation are.
  package let address: ServerAddress
  /// The token that may read the repositories.
  package let token: SecretReference
  /// A file with the certificates that vouch for the host; the system's when nil.
  package let certificateAuthority: String?

  package init(address: ServerAddress, token: SecretReference, certificateAuthority: String?) {
    self.address = address
    self.token = token
    self.certificateAuthority = certificateAuthority
  }
}

// MARK: - In a document

extension ProviderAPI {
  /// The API; nil when there is none or it has errors.
  static func decode(
    _ value: PlacedNode?, of kind: SourceKind?, secrets: SecretDecoder,
    reader: inout DocumentReader
  ) -> ProviderAPI? {
    guard let value, let object = reader.object(value, fields: ["url", "token", "caFile"]) else {
      return nil
    }
    if let kind, !kind.hasKnownAPI {
      reader.error(value.place, "nothing is asked of \(kind.rawValue): remove api")
    }
    var address = kind?.publicAPI
    if let url = object["url"] {
      address = self.address(url, reader: &reader)
    } else if let kind, kind.hasKnownAPI, address == nil {
      reader.error(value.place.member("url", at: value.place.position), "missing")
    }
    let token = reader.required(object, "token").flatMap {
      secrets.decode($0, reader: &reader)?.reference
    }
    let authority = object["caFile"].flatMap { reader.text($0) }
    guard let address, let token else { return nil }
    return ProviderAPI(address: address, token: token, certificateAuthority: authority)
  }

  private static func address(
    _ value: PlacedNode, reader: inout DocumentReader
  ) -> ServerAddress? {
    guard let text = reader.text(value) else { return nil }
    do throws(ServerAddress.Mistake) {
      return try ServerAddress(parsing: text)
    } catch {
      reader.error(value.place, "\"\(text)\" is no address of an API: \(error.description)")
      return nil
    }
  }
}

extension SourceKind {
  /// Whether we know how to ask the sender's API for changed files.
  var hasKnownAPI: Bool {
    switch self {
    case .github, .gitlab, .bitbucketCloud, .bitbucketServer, .gitea, .forgejo: true
    default: false
    }
  }

  /// The API of the sender's public instance; nil where there is none, or none that is the usual one.
  var publicAPI: ServerAddress? {
    switch self {
    case .github: ServerAddress(host: "api.github.com", port: 443)
    case .gitlab: ServerAddress(host: "gitlab.com", port: 443, basePath: "/api/v4")
    case .bitbucketCloud: ServerAddress(host: "api.bitbucket.org", port: 443, basePath: "/2.0")
    default: nil
    }
  }
}

extension Trigger {
  /// Whether the trigger may need the host's own list of changed files.
  package var asksForFiles: Bool { filters.paths?.whenTruncated == .fetch }
}
