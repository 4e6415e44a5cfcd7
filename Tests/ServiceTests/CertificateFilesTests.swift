import Crypto
import Glibc
import Reactor
import Service
import TLS
import Testing

@Suite struct CertificateFilesTests {
  /// A folder with a certificate, its key and a CA.
  private final class Folder {
    let root: CertificateAuthority
    private let path: String
    var paths: CertificatePaths {
      CertificatePaths(
        certificate: path + ".crt", key: path + ".key", clientCA: path + ".ca")
    }

    init() throws {
      root = try CertificateAuthority(commonName: "root")
      path = "/tmp/hookline-test-\(UInt64.random(in: 0 ... .max))"
      try write(issue())
      try write(root.certificatePEM, to: paths.clientCA)
    }

    deinit {
      // SAFETY: the strings outlive the calls.
      for suffix in [".crt", ".key", ".ca"] { _ = unsafe unlink(path + suffix) }
    }

    func issue() throws -> TLSIdentity {
      try root.issue(
        CertificateRequest(use: .server, commonName: "s", names: [TLSPeerName("localhost")]))
    }

    func write(_ identity: TLSIdentity) throws {
      try write(identity.certificateChainPEM, to: paths.certificate)
      try write(key(of: identity), to: paths.key)
    }

    func key(of identity: TLSIdentity) -> [UInt8] {
      identity.privateKeyPEM.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    func write(_ bytes: [UInt8], to path: String?) throws {
      try LocalFile.replace(#require(path), with: bytes, readers: .owner)
    }
  }

  @Test func `files that nobody touched are left alone`() throws {
    let folder = try Folder()
    let files = try CertificateFiles(folder.paths)
    let context = files.current
    #expect(files.refresh() == .unchanged)
    #expect(files.current === context)
    #expect(files.status.problem == nil)
    #expect(files.status.replacementCount == 0)
    #expect(files.status.failureCount == 0)
  }

  @Test func `a renewed pair is taken into use once both files are there`() throws {
    let folder = try Folder()
    let files = try CertificateFiles(folder.paths)
    let context = files.current
    let next = try folder.issue()
    try folder.write(next.certificateChainPEM, to: folder.paths.certificate)
    #expect(files.refresh() == .kept(.unusable(paths: paths(folder), .keyMismatch)))
    #expect(files.current === context)
    #expect(files.status.problem == .unusable(paths: paths(folder), .keyMismatch))
    // Said once, not at every look.
    #expect(files.refresh() == .unchanged)

    try folder.write(folder.key(of: next), to: folder.paths.key)
    #expect(files.refresh() == .replaced)
    #expect(files.current !== context)
    #expect(files.status.problem == nil)
    #expect(files.status.replacementCount == 1)
    #expect(files.status.failureCount == 1)
  }

  @Test(arguments: ["", "no PEM"])
  func `a certificate that cannot be used changes nothing`(text: String) throws {
    let folder = try Folder()
    let files = try CertificateFiles(folder.paths)
    let context = files.current
    try folder.write(Array(text.utf8), to: folder.paths.certificate)
    guard case .kept(let error) = files.refresh() else {
      Issue.record("it was used")
      return
    }
    #expect(error.description.contains(folder.paths.certificate))
    #expect(files.current === context)
  }

  @Test func `a CA for clients that is renewed is used for the connections from then on`() throws {
    let folder = try Folder()
    let files = try CertificateFiles(folder.paths)
    let other = try CertificateAuthority(commonName: "other root")
    let client = try TLSClientContext(
      trust: .certificates(pem: folder.root.certificatePEM),
      identity: other.issue(CertificateRequest(use: .client, commonName: "c")))
    #expect(try !Self.serves(client, files))
    try folder.write(other.certificatePEM, to: folder.paths.clientCA)
    #expect(files.refresh() == .replaced)
    #expect(try Self.serves(client, files))
  }

  @Test(arguments: [
    (CertificatePaths.ClientCertificates.required, false), (.optional, true),
  ])
  func `a client without a certificate is served only if that is optional`(
    clients: CertificatePaths.ClientCertificates, isServed: Bool
  ) throws {
    let folder = try Folder()
    var paths = folder.paths
    paths.clients = clients
    let client = try TLSClientContext(trust: .certificates(pem: folder.root.certificatePEM))
    #expect(try Self.serves(client, CertificateFiles(paths)) == isServed)
    let stranger = try CertificateAuthority(commonName: "stranger")
      .issue(CertificateRequest(use: .client, commonName: "c"))
    let unknown = try TLSClientContext(
      trust: .certificates(pem: folder.root.certificatePEM), identity: stranger)
    #expect(try !Self.serves(unknown, CertificateFiles(paths)))
  }

  @Test func `without usable files there is nothing to begin with`() throws {
    let folder = try Folder()
    var paths = folder.paths
    paths.key = "/no/such/key"
    let error = #expect(throws: CertificateFilesError.self) { try CertificateFiles(paths) }
    #expect(error?.description == "/no/such/key: no such file")
  }

  private func paths(_ folder: Folder) -> [String] {
    [folder.paths.certificate, folder.paths.key, folder.paths.clientCA ?? ""]
  }

  /// Whether the server's side of a handshake completes.
  private static func serves(
    _ context: TLSClientContext, _ files: CertificateFiles
  ) throws -> Bool {
    let client = TLSSession(client: context, peer: try TLSPeerName("localhost"))
    let server = TLSSession(server: files.current)
    for _ in 0..<10 {
      // A side that failed has still to be heard by the other.
      _ = try? client.handshake()
      carry(client, server)
      _ = try? server.handshake()
      carry(server, client)
    }
    return server.isEstablished
  }

  private static func carry(_ sender: TLSSession, _ receiver: TLSSession) {
    let count = sender.withPendingCiphertext { bytes in
      receiver.receive(bytes)
      return bytes.count
    }
    sender.markSent(count)
  }
}
