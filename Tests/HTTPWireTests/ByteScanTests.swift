import Bytes
import Glibc
import Testing

@testable import HTTPWire

/// The scans against their definition, byte by byte.
@Suite struct ByteScanTests {
  typealias Scan = (Span<UInt8>, Int, Int) -> Int

  /// Puts every byte at every place of a run of allowed ones, so that each way through a word and
  /// its rest is taken.
  private func check(_ scan: Scan, isAllowed: (UInt8) -> Bool, filler: UInt8) {
    for count in 0...19 {
      for place in 0..<count {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: filler, count: count)
          bytes[place] = byte
          let expected = isAllowed(byte) ? count : place
          let found = scan(bytes.span, 0, count)
          if found != expected {
            Issue.record("\(byte) at \(place) of \(count): \(found)")
          }
        }
      }
    }
  }

  @Test func `a token ends at the first byte that is none`() {
    check(
      { ByteScan.endOfToken(in: $0, from: $1, to: $2) }, isAllowed: ASCII.isTokenByte, filler: 0x61)
  }

  @Test func `text ends at the first control character that is no tab`() {
    let isText = { (byte: UInt8) in byte == 9 || byte > 0x1F && byte != 0x7F }
    for filler: UInt8 in [0x61, 0x09, 0x80, 0xFF] {
      check({ ByteScan.endOfText(in: $0, from: $1, to: $2) }, isAllowed: isText, filler: filler)
    }
  }

  @Test func `visible text ends at the first space, control character or byte above ASCII`() {
    check(
      { ByteScan.endOfVisible(in: $0, from: $1, to: $2) }, isAllowed: ASCII.isVisible, filler: 0x7E)
  }

  @Test func `a scan keeps to its range`() {
    let bytes = [UInt8](repeating: 0x61, count: 40)
    for start in 0...40 {
      for end in start...40 {
        let found = [
          ByteScan.endOfToken(in: bytes.span, from: start, to: end),
          ByteScan.endOfText(in: bytes.span, from: start, to: end),
          ByteScan.endOfVisible(in: bytes.span, from: start, to: end),
        ]
        if found != [end, end, end] { Issue.record("\(start) to \(end): \(found)") }
      }
    }
  }

  /// As picohttpparser tests itself: the input ends where the memory does, so that reading one byte
  /// too far is a fault.
  @Test func `no byte behind the input is read`() throws {
    let pageByteCount = 4096
    // SAFETY: two fresh pages; the second is made inaccessible, the first is written within its
    // bounds, and both live until munmap below.
    let mapped = unsafe mmap(
      nil, 2 * pageByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages = unsafe mapped, unsafe pages != MAP_FAILED else {
      Issue.record("no memory was mapped")
      return
    }
    defer { unsafe munmap(pages, 2 * pageByteCount) }
    let protected = unsafe mprotect(pages + pageByteCount, pageByteCount, PROT_NONE)
    #expect(protected == 0)

    let request = Array(
      "GET /some/path?query HTTP/1.1\r\nHost: example.com\r\nX-Long: 0123456789abcdef\r\n\r\n".utf8)
    for count in 1...request.count {
      let start = unsafe pages + (pageByteCount - count)
      unsafe start.copyMemory(from: request, byteCount: count)
      let bytes = unsafe Span<UInt8>(
        _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
      var parser = RequestHeadParser()
      var head = HTTPRequestHead(method: .get, target: "")
      let size = try parser.parse(bytes, limits: .default, into: &head)
      #expect(size == (count == request.count ? count : nil))
    }
  }
}
