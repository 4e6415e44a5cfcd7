import Bytes
import Testing

@Suite struct ReceiveBufferTests {
  private func readable(_ buffer: ReceiveBuffer) -> [UInt8] {
    buffer.withReadable { span in span.indices.map { span[$0] } }
  }

  @Test func `what was appended is read in order`() {
    var buffer = ReceiveBuffer()
    #expect(buffer.isEmpty && buffer.capacity == 0)
    buffer.append(contentsOf: [1, 2, 3])
    buffer.append([4, 5].span)
    #expect(readable(buffer) == [1, 2, 3, 4, 5])
    buffer.consume(2)
    #expect(buffer.readableCount == 3)
    #expect(buffer[0] == 3 && buffer[2] == 5)
    #expect(buffer.take(2) == [3, 4])
    #expect(readable(buffer) == [5])
  }

  @Test func `a random history reads like a plain array`() {
    var generator = SystemRandomNumberGenerator()
    var buffer = ReceiveBuffer()
    var model: [UInt8] = []
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...2000, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      buffer.append(contentsOf: bytes)
      model += bytes
      let count = Int.random(in: 0...min(model.count, 4000), using: &generator)
      #expect(buffer.take(count) == Array(model.prefix(count)))
      model.removeFirst(count)
      #expect(buffer.readableCount == model.count)
    }
    #expect(readable(buffer) == model)
  }

  @Test func `a socket can read into the spare space`() {
    var buffer = ReceiveBuffer()
    let count = unsafe buffer.withSpareCapacity(minimum: 100) { space in
      for index in 0..<3 { unsafe space[index] = UInt8(index) }
      return space.count >= 100 ? 3 : 0
    }
    #expect(count == 3)
    #expect(readable(buffer) == [0, 1, 2])
    let failure = unsafe buffer.withSpareCapacity(minimum: 1) { _ in -1 }
    #expect(failure == -1)
    #expect(readable(buffer) == [0, 1, 2])
  }

  @Test func `a steady stream keeps the storage small`() {
    var buffer = ReceiveBuffer()
    for _ in 0..<10_000 {
      buffer.append(contentsOf: [UInt8](repeating: 7, count: 1000))
      buffer.consume(buffer.readableCount > 1500 ? 1000 : 500)
    }
    #expect(buffer.capacity <= 4 * ReceiveBuffer.initialByteCount)
  }

  @Test func `an emptied buffer gives large storage back and keeps small storage`() {
    var buffer = ReceiveBuffer()
    buffer.append(contentsOf: [UInt8](repeating: 0, count: 1_000_000))
    buffer.consume(1_000_000)
    #expect(buffer.capacity == 0)
    buffer.append(contentsOf: [1])
    buffer.consume(1)
    #expect(buffer.capacity == ReceiveBuffer.initialByteCount)
    buffer.releaseStorage()
    #expect(buffer.capacity == 0)
  }
}
