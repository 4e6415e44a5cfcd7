// Commands in comments, such as `/deploy staging version=1.4 reason="a fix"`.
//
// As it is declared, in `comments`:
//
//   declaration = word *( blanks "<" input ">" )
//   word        = "/" 1*VCHAR              without "<" and "="
//   input       = the name of a declared input of the trigger
//
// As it is given, in a line of a comment:
//
//   command     = word *( blanks argument )
//   argument    = [ input "=" ] text       without a name: of the next input in the declaration
//   text        = *( character other than a blank or a quote / quote *( character other than a quote ) quote )
//   quote       = %x22
//
// The first line that begins with the word of a command, at its first column, is taken; lines between
// code fences (three back-ticks or tildes) are not looked at, nor can a line of a quotation begin so.
// Every input may be given by its name, those of the declaration by their place as well.

import Bytes
import JSON

/// A command that a trigger takes in comments.
struct CommentCommand: Sendable, Equatable {
  /// What the line begins with, the "/" included.
  let word: String
  /// The inputs that arguments without a name are for, in their order.
  let parameters: [String]

  /// The command as it is declared.
  var text: String { ([word] + parameters.map { "<\($0)>" }).joined(separator: " ") }

  /// The first command in a comment, with what follows it on its line.
  static func first(
    in comment: String, of commands: [CommentCommand]
  ) -> (command: CommentCommand, arguments: [UInt8])? {
    var isCode = false
    let text = comment.utf8.prefix(commentByteLimit)
    for line in text.split(whereSeparator: { $0 == lineFeed || $0 == carriageReturn }) {
      if fences.contains(where: { line.starts(with: $0) }) {
        isCode.toggle()
        continue
      }
      guard !isCode, line.first == UInt8(ascii: "/") else { continue }
      let word = line.prefix { !ASCII.isBlank($0) }
      if let command = commands.first(where: { $0.word.utf8.elementsEqual(word) }) {
        return (command, Array(line[word.endIndex...]))
      }
    }
    return nil
  }

  /// The inputs that the arguments give, defaults included, or everything that is wrong with them.
  func inputs(
    _ arguments: [UInt8], declared declarations: [InputDeclaration]
  ) -> ManualInputs {
    var problems: [InputProblem] = []
    var values = JSONObject()
    let (words, isClosed) = Self.words(arguments)
    if !isClosed { problems.append(InputProblem(path: text, message: "a quote is not closed")) }
    if words.count > Self.argumentLimit {
      let message = "has \(words.count) arguments, at most \(Self.argumentLimit) are allowed"
      return .refused(problems + [InputProblem(path: text, message: message)])
    }
    var place = 0
    for word in words {
      let name: String
      if let given = word.name {
        name = given
      } else if parameters.indices.contains(place) {
        name = parameters[place]
        place += 1
      } else {
        let message = "there is no input for \"\(excerpt(word.text))\""
        problems.append(InputProblem(path: text, message: message))
        continue
      }
      if values.contains(name) {
        problems.append(InputProblem(path: "inputs.\(excerpt(name))", message: "is given twice"))
      }
      let kind = declarations.first { $0.name == name }?.kind
      values[name] = Self.value(word.text, of: kind ?? .string)
    }
    return ManualInputs.check(inputs: values, problems, declarations)
  }

  /// The text as a value of a kind; itself where it is none.
  private static func value(_ text: String, of kind: InputDeclaration.Kind) -> JSONValue {
    switch (kind, text) {
    case (.number, _): JSONNumber(text: text).map { .number($0) } ?? .string(text)
    case (.boolean, "true"): true
    case (.boolean, "false"): false
    case (.string, _), (.boolean, _): .string(text)
    }
  }

  /// An argument.
  private struct Word {
    var name: String?
    var text: String
  }

  /// The arguments, and whether every quote has its second.
  private static func words(_ line: [UInt8]) -> (words: [Word], isClosed: Bool) {
    var words: [Word] = []
    var position = 0
    var isQuoted = false
    while position < line.count {
      guard !ASCII.isBlank(line[position]) else {
        position += 1
        continue
      }
      let name = name(in: line[position...])
      if let name { position += name.utf8.count + 1 }
      var bytes: [UInt8] = []
      while position < line.count, isQuoted || !ASCII.isBlank(line[position]) {
        if line[position] == quote { isQuoted.toggle() } else { bytes.append(line[position]) }
        position += 1
      }
      words.append(Word(name: name, text: String(decoding: bytes, as: UTF8.self)))
    }
    return (words, !isQuoted)
  }

  /// What stands before "=" at the start, if it can be the name of an input.
  private static func name(in line: ArraySlice<UInt8>) -> String? {
    let name = Array(line.prefix { isTemplateNameByte($0) })
    guard isTemplateName(name), line.dropFirst(name.count).first == UInt8(ascii: "=") else {
      return nil
    }
    return String(decoding: name, as: UTF8.self)
  }

  /// GitHub takes comments of 65,536 characters, of up to four bytes; what follows is not looked at.
  private static let commentByteLimit = 256 << 10
  /// More than a trigger can sensibly have inputs.
  private static let argumentLimit = 64
  private static let fences = [Array("```".utf8), Array("~~~".utf8)]
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let quote = UInt8(ascii: "\"")
}
