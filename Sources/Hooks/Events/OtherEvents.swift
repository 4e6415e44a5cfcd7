// The payloads of senders that are no Git hosts, of which each has a form of its own: an event of the
// sender's own name with the little that others say as well. The rest is in the body.
//
// Source: https://buildkite.com/docs/apis/webhooks/pipelines and
// https://docs.slack.dev/apis/events-api/.

import JSON

extension NativeDelivery {
  /// A build of Buildkite says its commit, and its branch or tag.
  var buildkiteEvent: Event {
    var event = namedEvent
    let build = body["build"]
    event.setMessage(build?["message"])
    event.revision = build?["commit"]?.commit
    event.setTag(build?["tag"])
    if event.tag == nil, let branch = build?["branch"]?.filledText {
      event.setRef(Event.branchPrefix + branch)
    }
    return event
  }

  /// What a person wrote to Slack, as a message or after a command.
  var slackEvent: Event {
    var event = namedEvent
    let inner = body["event"]
    event.comment = inner?["text"]?.filledText ?? body["text"]?.filledText
    event.sender =
      inner?["user"]?.filledText ?? body["user_id"]?.filledText ?? body["user"]?["id"]?.filledText
    return event
  }
}
