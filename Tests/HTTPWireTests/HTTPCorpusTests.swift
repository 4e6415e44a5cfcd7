import Testing

@testable import HTTPWire

@Suite struct HTTPCorpusTests {
  @Test(arguments: try HTTPCorpusCase.load())
  func `a case comes to what its log says, however it is cut`(test: HTTPCorpusCase) {
    let lines =
      switch test.reader {
      case .server:
        HTTPCorpusLog.lines(of: ServerTranscript.ofEveryCut(test.bytes, end: test.end))
      case .client:
        HTTPCorpusLog.lines(of: ClientTranscript.ofEveryCut(test.bytes, end: test.end))
      }
    #expect(lines == test.log)
  }
}
