import Testing

@testable import Bytes

@Suite struct ServerAddressTests {
  @Test(arguments: [
    ("https://kubernetes.default.svc", "kubernetes.default.svc", 443, "", "kubernetes.default.svc"),
    ("https://127.0.0.1:6443", "127.0.0.1", 6443, "", "127.0.0.1:6443"),
    ("https://[::1]:6443/", "::1", 6443, "", "[::1]:6443"),
    ("https://[fd00::1]", "fd00::1", 443, "", "[fd00::1]"),
    (
      "HTTPS://Rancher.example/k8s/clusters/c-1/", "Rancher.example", 443, "/k8s/clusters/c-1",
      "Rancher.example"
    ),
  ])
  func `an https URL is taken apart`(
    _ text: String, _ host: String, _ port: Int, _ basePath: String, _ authority: String
  ) throws {
    let address = try ServerAddress(parsing: text)
    #expect(address.host == host)
    #expect(address.port == UInt16(port))
    #expect(address.basePath == basePath)
    #expect(address.authority == authority)
    #expect(try ServerAddress(parsing: address.description) == address)
  }

  @Test(arguments: [
    ("http://api.test", ServerAddress.Mistake.plainHTTP), ("api.test:6443", .notHTTPS),
    ("", .notHTTPS), ("ftp://api.test", .notHTTPS), ("https://", .host), ("https://:443", .host),
    ("https://user:pw@api.test", .userInformation), ("https://api.test?x=1", .queryOrFragment),
    ("https://api.test/#x", .queryOrFragment), ("https://api.test:", .port),
    ("https://api.test:0", .port), ("https://api.test:65536", .port),
    ("https://api.test:+1", .port), ("https://[::1", .host), ("https://[api.test]", .host),
    ("https://[::1]x", .host), ("https://a b", .host), ("https://api.test/a b", .path),
    ("https://api.test\r\nX: y", .host), ("https://::1:6443", .host),
  ])
  func `anything else is refused for its reason`(
    _ text: String, _ mistake: ServerAddress.Mistake
  ) {
    #expect(throws: mistake) { try ServerAddress(parsing: text) }
  }
}
