// Finding and reading the YAML files that `--config` names.

package import Reactor
package import YAML

/// The documents of all configuration files, in the order of the paths given, each folder's files
/// sorted by name.
///
/// A folder stands for the files in it that end in `.yaml` or `.yml`, not those of its subfolders;
/// names that begin with a dot are left out, which also passes over the `..data` links of a mounted
/// ConfigMap.
package struct ConfigurationFiles: Sendable {
  /// Why a path gave no documents.
  package enum Problem: Error, Sendable, CustomStringConvertible {
    case unreadable(FileError)
    case malformed(YAMLError)
    case emptyFolder(String)

    package var description: String {
      switch self {
      case .unreadable(let error): "\(error)"
      case .malformed(let error): "\(error)"
      case .emptyFolder(let path): "\(path): no .yaml or .yml file in this folder"
      }
    }
  }

  package private(set) var documents: [YAMLDocument] = []
  /// All the problems, not only the first.
  package private(set) var problems: [Problem] = []

  /// Reads files and folders. It blocks, and so must not be called on a loop.
  package init(paths: [String]) {
    for path in paths { read(path) }
  }

  private mutating func read(_ path: String) {
    do throws(FileError) {
      guard try LocalFile.isFolder(path) else { return try readFile(path) }
      let names = try LocalFile.names(inFolder: path)
        .filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
        .sorted()
      if names.isEmpty { problems.append(.emptyFolder(path)) }
      for name in names {
        // One unreadable file does not hide what is wrong with the others.
        do throws(FileError) {
          try readFile(path.hasSuffix("/") ? path + name : "\(path)/\(name)")
        } catch {
          problems.append(.unreadable(error))
        }
      }
    } catch {
      problems.append(.unreadable(error))
    }
  }

  private mutating func readFile(_ path: String) throws(FileError) {
    let text = try LocalFile.readText(path)
    do throws(YAMLError) {
      documents += try parseDocuments(text, file: path)
    } catch {
      problems.append(.malformed(error))
    }
  }
}
