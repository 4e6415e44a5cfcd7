// Lists of addresses that Git hosts publish, kept as files by the operator. They are never fetched:
// what may send deliveries is not for a network to decide.

import Bytes
import JSON

/// A file with ranges of addresses.
package struct AddressFile: Hashable, Sendable {
  /// Whose list it is.
  package enum Form: String, CaseIterable, Hashable, Sendable {
    /// GitHub's: `{"hooks": ["192.30.252.0/22", …], …}`.
    /// Source: https://docs.github.com/en/rest/meta/meta.
    case gitHubMeta = "githubMeta"
    /// Atlassian's: `{"items": [{"cidr": "104.192.136.0/21", …}, …], …}`, of which those count that
    /// Bitbucket sends from.
    /// Source: https://ip-ranges.atlassian.com.
    case atlassianRanges
  }

  package let form: Form
  package let path: String

  package init(_ form: Form, path: String) {
    self.form = form
    self.path = path
  }

  /// The ranges of the file's content, in its order.
  ///
  /// *Limits*: at least one, at most ``rangeLimit``.
  ///
  /// *Errors*: ``AddressFileError``, of whoever wrote the file; nothing of it is used then.
  package func ranges(in content: [UInt8]) throws(AddressFileError) -> [AddressRange] {
    let root: JSONView
    do throws(JSONError) {
      root = try JSONDocument.parse(content).root
    } catch {
      throw .notJSON("\(error)")
    }
    let list: JSONView? =
      switch form {
      case .gitHubMeta: root["hooks"]
      case .atlassianRanges: root["items"]
      }
    guard let elements = list?.elements else { throw .noList(form) }
    var ranges: [AddressRange] = []
    for element in elements where form != .atlassianRanges || Self.isOfBitbucket(element) {
      let text =
        switch form {
        case .gitHubMeta: element.stringValue
        case .atlassianRanges: element["cidr"]?.stringValue
        }
      guard let text else { throw .noList(form) }
      guard ranges.count < Self.rangeLimit else { throw .tooMany }
      do throws(AddressRangeError) {
        ranges.append(try AddressRange(parsing: text))
      } catch {
        throw .range(error)
      }
    }
    guard !ranges.isEmpty else { throw .noList(form) }
    return ranges
  }

  /// Whether Bitbucket sends from there: an item that does not say whose it is, or which way the
  /// traffic goes, is everyone's and goes both ways.
  private static func isOfBitbucket(_ item: JSONView) -> Bool {
    func says(_ member: String, _ text: String) -> Bool {
      guard let list = item[member]?.elements else { return true }
      return list.contains { $0.stringValue == text }
    }
    return says("product", "bitbucket") && says("direction", "egress")
  }

  /// Atlassian publishes some 300, for all of its products; each delivery may look at them all.
  package static let rangeLimit = 4096
}

/// Why a file has no ranges to use.
package enum AddressFileError: Error, Equatable, Sendable {
  case notJSON(String)
  /// The list is missing, empty, or of something else.
  case noList(AddressFile.Form)
  case range(AddressRangeError)
  /// More than ``AddressFile/rangeLimit``.
  case tooMany
}

extension AddressFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notJSON(let reason): "not JSON: \(reason)"
    case .noList(.gitHubMeta):
      "no list \"hooks\" of ranges: save what https://api.github.com/meta answers"
    case .noList(.atlassianRanges):
      "no list \"items\" of objects with \"cidr\": save what https://ip-ranges.atlassian.com answers"
    case .range(let error): "\(error)"
    case .tooMany: "more than \(AddressFile.rangeLimit) ranges"
    }
  }
}
