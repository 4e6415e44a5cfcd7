// Where a payload that lies in a file says what it is, for commands.

package import JSON

extension SenderProfile {
  /// The header in which the sender names its events; nil when it does so in the body.
  package var eventHeader: String? {
    if case .header(let name) = eventName.locations.first { name } else { nil }
  }
}

extension SourceKind {
  /// The event's name where the body repeats what the header says.
  package func eventName(in body: JSONView) -> String? {
    switch self {
    case .bitbucketServer: body["eventKey"]?.filledText
    case .sourcehut: body["data"]?["webhook"]?["event"]?.filledText
    default: nil
    }
  }
}
