// Server-side apply.

import HTTPWire
import JSON

extension Cluster {
  mutating func apply(
    _ context: inout RequestContext, _ options: WriteOptions, _ representation: Representation
  ) throws(StatusError) -> APIResponse {
    throw .unclassified("apply is not served")
  }
}
