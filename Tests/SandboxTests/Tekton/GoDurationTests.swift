import Bytes
import Testing

@testable import Sandbox

struct GoDurationTests {
  @Test(arguments: [
    ("0", "0s"), ("1h30m", "1h30m0s"), ("90m", "1h30m0s"), ("45m", "45m0s"), ("1.5h", "1h30m0s"),
    ("500ms", "500ms"), ("1500ms", "1.5s"), ("1us", "1µs"), ("1µs", "1µs"), ("3ns", "3ns"),
    ("-1h", "-1h0m0s"), ("+2s", "2s"), (".5s", "500ms"), ("1.s", "1s"), ("59s", "59s"),
    ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
    ("-2562047h47m16.854775808s", "-2562047h47m16.854775808s"),
  ])
  func `a duration is written in Go's form`(_ text: String, _ written: String) throws {
    #expect(try GoDuration(text).description == written)
  }

  @Test(arguments: [
    ("", #"time: invalid duration """#), ("soon", #"time: invalid duration "soon""#),
    ("600", #"time: missing unit in duration "600""#),
    ("1d", #"time: unknown unit "d" in duration "1d""#),
    ("1h-5m", #"time: unknown unit "h-" in duration "1h-5m""#),
    (".s", #"time: invalid duration ".s""#), ("-", #"time: invalid duration "-""#),
    ("3000000h", #"time: invalid duration "3000000h""#),
    ("99999999999999999999s", #"time: invalid duration "99999999999999999999s""#),
  ])
  func `anything else is refused in Go's words`(_ text: String, _ message: String) {
    #expect(throws: GoDurationError.self) { try GoDuration(text) }
    do throws(GoDurationError) { _ = try GoDuration(text) } catch {
      #expect(error.description == message)
    }
  }
}

struct ResourceQuantityTests {
  @Test(arguments: [
    ("1Gi", "1Gi"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("0.5", "500m"), ("500m", "500m"),
    ("1000m", "1"), ("2000", "2k"), ("1e3", "1e3"), ("100k", "100k"), ("0", "0"),
    ("0.1Gi", "107374182400m"),
    ("-2", "-2"), ("1023Ki", "1023Ki"), ("512", "512"), ("1e99999999999999999", "?"),
  ])
  func `a quantity has one form`(_ text: String, _ canonical: String) {
    #expect(ResourceQuantity.canonical(text) == (canonical == "?" ? text : canonical))
  }

  @Test(arguments: ["", "a", "1x", "1 Gi", "1.2.3", "Gi", "1e", "--1"])
  func `other texts are no quantities`(_ text: String) {
    #expect(ResourceQuantity.canonical(text) == nil)
  }
}
