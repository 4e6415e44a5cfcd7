import ArgumentParser
import FoundationEssentials
import Journal
import Logging
import Service

/// `--state`, and the journal in it.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The folder of the journal. $STATE_DIRECTORY if not given (systemd sets it), then \
      /var/lib/hookline; with --sandbox a temporary one.
      """, valueName: "dir"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "Runs that are being created at once, at most.", valueName: "count"))
  var createsInFlight = Dispatcher.inFlightMaxDefault

  func validate() throws {
    guard (1...Self.createsInFlightMax).contains(createsInFlight) else {
      throw ValidationError("--creates-in-flight must be from 1 to \(Self.createsInFlightMax)")
    }
  }

  /// An API server has 200 writes in flight by default, for all of its clients.
  private static let createsInFlightMax = 1000
}

/// An open journal, with its folder if that goes away with it.
struct OpenJournal {
  let journal: Journal
  private let temporaryFolder: String?

  /// - Parameters:
  ///   - isTemporary: without a folder given, one that goes away.
  ///   - observer: who is told what happens in it.
  /// - Throws: ``CommandFailure``.
  init(
    _ options: StateOptions, isTemporary: Bool, observer: JournalObserver, logger: Logger
  ) throws {
    var folder = options.state
    if folder == nil, isTemporary {
      let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("hookline-state-\(UUID().uuidString)").path
      folder = path
      temporaryFolder = path
    } else {
      temporaryFolder = nil
    }
    let path =
      folder ?? ProcessEnvironment.variables["STATE_DIRECTORY"] ?? Self.folderDefault
    do {
      journal = try Journal.open(path, observer: observer)
    } catch {
      guard error.code == .unusable, folder == nil else { throw CommandFailure.failed("\(error)") }
      throw CommandFailure.usage("\(error): say with --state where the journal may be")
    }
    for report in journal.openingReports { logger.error("\(report)") }
    let counts = journal.counts
    logger.info(
      "journal open",
      metadata: [
        "state": "\(path)", "deliveries": "\(counts.deliveries)", "pending": "\(counts.pending)",
        "dead": "\(counts.dead)",
      ])
  }

  /// Writes everything and lets go of the folder.
  func close() {
    journal.close()
    removeFolder()
  }

  /// Removes the folder, if it goes away.
  func removeFolder() {
    // A folder that somebody else removed is as gone.
    if let temporaryFolder { try? FileManager.default.removeItem(atPath: temporaryFolder) }
  }

  private static let folderDefault = "/var/lib/hookline"
}
