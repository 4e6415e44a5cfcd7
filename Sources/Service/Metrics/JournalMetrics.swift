// What is measured about the journal.

package import Journal

extension MetricsRegistry {
  /// Adds what the journal holds at the moment.
  package func registerGauges(of journal: Journal) {
    gauge("hookline_journal_deliveries", help: "Deliveries in the journal.") {
      Double(journal.counts.deliveries)
    }
    gauge("hookline_journal_runs_pending", help: "Runs that are still to be created.") {
      Double(journal.counts.pending)
    }
    gauge("hookline_journal_runs_dead", help: "Runs that were given up.") {
      Double(journal.counts.dead)
    }
  }
}
