import ArgumentParser
import Glibc
import HTTPServer
import Hooks
import Kubernetes
import Logging
import Reactor
import Sandbox
import Service
import ServiceLifecycle
import UnixSignals

/// `hookline serve`
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Takes deliveries and creates the runs they ask for.",
    discussion: """
      The cluster is found as kubectl finds it: --kubeconfig, $KUBECONFIG, ~/.kube/config, or the \
      pod's service account. With --sandbox it brings its own API server, for trying things out. \
      Accepted deliveries are kept in the journal (--state) until their runs exist. \
      SIGTERM or SIGINT ends it when the requests in flight are answered, a second one at once.
      """)

  @OptionGroup var configurationFiles: ConfigurationOptions

  @OptionGroup var listen: ListenOptions

  @OptionGroup var tls: TLSOptions

  @OptionGroup var proxies: ProxyOptions

  @OptionGroup var limits: LimitOptions

  @Option(help: "Where operators look; never expose it.")
  var admin = ListenAddress(SocketAddress(host: .loopbackV4, port: 9090))

  @Option(
    help: ArgumentHelp(
      "The kubeconfig to use; with --sandbox, where to write the sandbox's.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: "The kubeconfig's context; its current one if not given.")
  var context: String?

  @Flag(
    help: """
      Run the program that the kubeconfig names for credentials (exec). Whoever can write the file \
      then decides what runs.
      """)
  var allowExecCredentials = false

  @OptionGroup var state: StateOptions

  @Option(
    help: ArgumentHelp(
      """
      A name by which operators reach the admin listener, beside localhost and addresses. May be \
      repeated.
      """, valueName: "name"))
  var adminHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where runs are shown, with {namespace}, {name} and {kind}; a link in replies to manual calls.",
      valueName: "url"),
    transform: { text throws(ValidationError) in
      do throws(DashboardLink.Problem) { return try DashboardLink(text) } catch {
        throw ValidationError("\(error)")
      }
    })
  var dashboardUrl: DashboardLink?

  @Flag(help: "Run an embedded API server in this process and use it.")
  var sandbox = false

  @Option(help: "Threads that serve; one for each processor if not given.")
  var loops: Int?

  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    if let loops, !(1...Self.loopCountMax).contains(loops) {
      throw ValidationError("--loops must be from 1 to \(Self.loopCountMax)")
    }
    if sandbox, context != nil {
      throw ValidationError("--context has no meaning with --sandbox")
    }
  }

  func run() async throws {
    ProcessMemory.returnLargeBlocks()
    let logger = logging.bootstrap()
    ProcessSignals.ignoreFileSizeLimit()
    let hooks = try configurationFiles.load()
    let publicSide = PublicSide(addresses: try listen.addresses(), certificate: try tls.load())
    let loops = try EventLoopGroup(loopCount: self.loops ?? Self.processorCount)
    defer { loops.stop() }

    let running = try sandbox ? startSandbox(loops: loops, logger: logger) : nil
    do {
      try await serve(hooks, at: publicSide, sandbox: running, loops: loops, logger: logger)
    } catch {
      await running?.end()
      throw error
    }
  }

  private func startSandbox(loops: EventLoopGroup, logger: Logger) throws -> RunningSandbox {
    try RunningSandbox(
      listen: SocketAddress(host: .loopbackV4, port: 0), kubeconfig: kubeconfig, state: nil,
      loops: loops, logger: logger)
  }

  private func serve(
    _ hooks: HookSet, at publicSide: PublicSide, sandbox: RunningSandbox?, loops: EventLoopGroup,
    logger: Logger
  ) async throws {
    let cluster = try Self.load(
      kubeconfig: sandbox?.kubeconfigPath ?? kubeconfig, context: context,
      programs: allowExecCredentials ? .allowed : .refused)
    logger.info(
      "cluster", metadata: ["server": "\(cluster.server)", "origin": "\(cluster.origin)"])
    let client = try Self.client(cluster, loops: loops, logger: logger)
    if sandbox != nil { try await SandboxNamespaces.create(for: hooks, through: client) }

    let metrics = MetricsRegistry()
    let resolver = SecretResolver(
      configuration: hooks, cluster: client, environment: ProcessEnvironment.variables,
      metrics: metrics)
    let table = try await Self.resolve(hooks, with: resolver, logger: logger)
    try Self.checkCertificates(hooks, at: publicSide)
    let secretWatch = SecretWatch(resolver, table: table, logger: logger)
    let serviceState = ServiceState()
    let secretWait = SecretWait(
      table, resolver: resolver, state: serviceState, logger: logger)
    let journalWatch = JournalWatch(state: serviceState, logger: logger)
    let journal = try OpenJournal(
      state, isTemporary: self.sandbox, observer: journalWatch.observer, logger: logger)
    defer { journal.close() }
    let provider = ProviderClient(loops: loops, secrets: resolver)
    let dispatcher = Dispatcher(
      journal: journal.journal, target: client,
      deferrals: DeferredDecisions(journal: journal.journal, hooks: hooks, provider: provider),
      loops: loops, logger: logger,
      inFlightMax: state.createsInFlight)
    journalWatch.connect(dispatcher)
    defer { journalWatch.disconnect() }
    let deliveries = Deliveries(
      journal: journal.journal, dispatcher: dispatcher, target: client, loops: loops)
    let listeners = listeners(
      at: publicSide, for: table, deliveries, serviceState, metrics: metrics, loops: loops,
      logger: logger)
    metrics.registerGauges(of: journal.journal)
    // Services end in the opposite order: the sandbox after the last request.
    let watch = publicSide.certificate.map {
      CertificateWatch($0, state: serviceState, logger: logger)
    }
    let services =
      (sandbox.map { [$0] as [any Service] } ?? []) + (watch.map { [$0] } ?? [])
      + [secretWait, secretWatch, listeners]
    do {
      try await StopSignals.run(
        services, logger: logger,
        cleanUp: {
          sandbox?.removeKubeconfig()
          journal.removeFolder()
        })
    } catch let error as HTTPServerError {
      throw CommandFailure.failed("\(error)")
    }
    await provider.close()
    await client.close()
  }

  private func listeners(
    at publicSide: PublicSide, for hooks: HookTable, _ deliveries: Deliveries,
    _ state: ServiceState, metrics: MetricsRegistry, loops: EventLoopGroup, logger: Logger
  ) -> Listeners {
    var configuration = HTTPServerConfiguration(
      listeners: publicSide.addresses, tls: publicSide.certificate)
    configuration.largestBodyByteCount = PublicHandler.deliveryByteLimit
    limits.apply(to: &configuration)
    configuration.proxyProtocol = proxies.proxyProtocol ? .required : .none
    return Listeners(
      publicServer: HTTPServer(
        configuration: configuration, loops: loops,
        handler: PublicHandler(
          hooks: hooks, deliveries: deliveries, state: state, logger: logger, metrics: metrics,
          proxies: TrustedProxies(proxies.trustedProxy), limiter: limits.failureLimiter,
          dashboard: dashboardUrl),
        logger: logger.throttled()),
      adminServer: HTTPServer(
        configuration: HTTPServerConfiguration(listeners: [admin.address]), loops: loops,
        handler: AdminHandler(
          state: state, deliveries: deliveries, hooks: hooks, metrics: metrics,
          hosts: adminHost),
        logger: logger),
      dispatcher: deliveries.dispatcher,
      scheduler: Scheduler(hooks: hooks.all, deliveries: deliveries, logger: logger), state: state,
      logger: logger)
  }

  /// Where deliveries arrive, and the certificate that is shown there.
  private struct PublicSide {
    let addresses: [ListenerAddress]
    let certificate: CertificateFiles?
  }

  /// The hooks with their secrets. Those that an API server keeps which is away are waited for.
  private static func resolve(
    _ hooks: HookSet, with resolver: SecretResolver, logger: Logger
  ) async throws -> HookTable {
    let (resolved, problems) = await resolver.resolve()
    let faults = problems.filter { $0.remedy == .correction }
    guard faults.isEmpty else {
      throw CommandFailure.usage(faults.map(\.description).joined(separator: "\n"))
    }
    for problem in problems {
      logger.warning(
        "a hook waits for its secrets",
        metadata: ["hook": "\(problem.hook)", "cause": "\(problem)"])
    }
    return HookTable(resolved, waiting: problems.compactMap { hooks.hooks[$0.hook] })
  }

  /// A source that wants a client's certificate can have one only where clients are asked for it.
  private static func checkCertificates(_ hooks: HookSet, at publicSide: PublicSide) throws {
    guard publicSide.certificate?.asksClients != true,
      let hook = hooks.hooks.values.first(where: { $0.source?.certificateNames.isEmpty == false })
    else { return }
    throw CommandFailure.usage(
      "hook \(hook.name) wants client certificates: give --tls-cert, --tls-key and --tls-client-ca")
  }

  private static func load(
    kubeconfig: String?, context: String?, programs: ClusterConfiguration.ProgramPolicy
  ) throws -> ClusterConfiguration {
    do {
      return try ClusterConfiguration.load(
        kubeconfig: kubeconfig, context: context, environment: ProcessEnvironment.variables,
        programs: programs)
    } catch  where error.code == .notConfigured && context == nil {
      throw CommandFailure.usage(
        "no cluster: give --kubeconfig FILE, set KUBECONFIG, run in a pod with a service account, "
          + "or try things out with --sandbox")
    } catch {
      throw CommandFailure.usage("\(error)")
    }
  }

  private static func client(
    _ cluster: ClusterConfiguration, loops: EventLoopGroup, logger: Logger
  ) throws -> KubernetesClient {
    do {
      return try KubernetesClient(
        cluster, loops: loops, logger: logger, userAgent: ProductVersion.userAgent,
        environment: ProcessEnvironment.variables)
    } catch {
      throw CommandFailure.usage("\(error)")
    }
  }

  private static let loopCountMax = 256

  private static var processorCount: Int {
    min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), loopCountMax)
  }
}
