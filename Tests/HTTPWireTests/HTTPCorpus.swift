// The cases of `Tests/Corpus/http`, as its README describes them.

import Foundation
import TestSupport

@testable import HTTPWire

/// One section of a corpus file.
struct HTTPCorpusCase: CustomStringConvertible {
  enum Reader {
    case server
    case client
  }

  var file: String
  var title: String
  var reader: Reader
  var end: InputEnd
  var bytes: [UInt8]
  var log: [String]

  var description: String { "\(file): \(title)" }

  /// Why a file is not a corpus file.
  struct Malformed: Error, CustomStringConvertible {
    var description: String
  }

  /// All cases, in the order of their files.
  static func load() throws -> [HTTPCorpusCase] {
    let folder = SharedData.packageRoot.appendingPathComponent("Tests/Corpus/http")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()
    return try files.flatMap { file in
      let text = try String(
        contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      return try cases(in: text, file: file)
    }
  }

  private static func cases(in text: String, file: String) throws -> [HTTPCorpusCase] {
    let sections = text.components(separatedBy: "\n## ").dropFirst()
    return try sections.map { section in
      let lines = section.components(separatedBy: "\n")
      let title = lines[0]
      guard let (options, input) = block("```http", in: lines),
        let (_, log) = block("```log", in: lines)
      else { throw Malformed(description: "\(file): \(title): a block is missing") }
      return HTTPCorpusCase(
        file: file, title: title, reader: options.contains("response") ? .client : .server,
        end: options.contains("end") ? .closed : .open, bytes: try bytes(of: input), log: log)
    }
  }

  /// The words behind a fence's name, and the lines up to its end.
  private static func block(
    _ fence: String, in lines: [String]
  ) -> (options: [String], lines: [String])? {
    guard let start = lines.firstIndex(where: { $0.hasPrefix(fence) }),
      let end = lines[(start + 1)...].firstIndex(of: "```")
    else { return nil }
    let options = lines[start].components(separatedBy: " ").dropFirst()
    return (Array(options), Array(lines[(start + 1)..<end]))
  }

  private static func bytes(of lines: [String]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, line) in lines.enumerated() {
      var rest = Array(line.utf8)[...]
      var isJoined = false
      while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\") else {
          bytes.append(byte)
          continue
        }
        switch rest.popFirst() {
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "0"): bytes.append(0x00)
        case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "x"):
          let digits = String(decoding: rest.prefix(2), as: UTF8.self)
          guard let byte = UInt8(digits, radix: 16) else {
            throw Malformed(description: "not two hexadecimal digits: \(line)")
          }
          bytes.append(byte)
          rest = rest.dropFirst(2)
        case nil: isJoined = true
        default: throw Malformed(description: "unknown escape: \(line)")
        }
      }
      if index < lines.count - 1, !isJoined { bytes += [0x0D, 0x0A] }
    }
    return bytes
  }
}

/// What is written in a corpus file of what a machine reported.
enum HTTPCorpusLog {
  static func lines(of transcript: ServerTranscript) -> [String] {
    transcript.requests.flatMap { request in
      let version = request.head.version == .http10 ? "1.0" : "1.1"
      let host = request.head.host.map { " for \($0)" } ?? ""
      return ["request \(request.head.method) \(request.head.target) HTTP/\(version)\(host)"]
        + content(request.body, request.trailers)
    } + [outcome(transcript.outcome)]
  }

  static func lines(of transcript: ClientTranscript) -> [String] {
    transcript.informational.map { "informational \($0.status.rawValue)" }
      + transcript.responses.flatMap { response in
        ["response \(response.head.status.rawValue)"] + content(response.body, response.trailers)
      } + [outcome(transcript.outcome)]
  }

  private static func content(_ body: [UInt8], _ trailers: HTTPFields) -> [String] {
    let text = String(decoding: body, as: UTF8.self)
    return (body.isEmpty ? [] : ["body \(text.debugDescription)"])
      + trailers.map { "trailer \($0.name): \($0.valueString)" }
  }

  private static func outcome(_ outcome: Outcome) -> String {
    switch outcome {
    case .idle: "idle"
    case .incomplete: "incomplete"
    case .closed: "closed"
    case .failed(let error): "refused \(error.status.rawValue): \(error)"
    }
  }
}
