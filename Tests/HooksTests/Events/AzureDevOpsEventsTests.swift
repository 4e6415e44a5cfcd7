import Hooks
import JSON
import Testing

/// What Azure DevOps sends that the payloads of the shared test data do not show.
@Suite struct AzureDevOpsEventsTests {
  @Test(
    arguments: [
      ("created", ["status": "active"], nil, "opened"),
      (
        "updated", ["status": "active"], "Ann updated the source branch of pull request 1",
        "synchronize"
      ),
      ("updated", ["status": "active"], "Ann changed the reviewer list", "edited"),
      ("updated", ["status": "active"], nil, "synchronize"),
      ("updated", ["status": "abandoned"], nil, "closed"),
      ("updated", ["status": "completed"], nil, "closed"),
      ("merged", ["status": "completed"], nil, "closed"),
      ("merged", ["status": "active"], nil, "merge_attempted"),
    ] as [(String, JSONValue, String?, String)])
  func `azure's pull requests`(
    name: String, request: JSONValue, text: String?, action: String
  ) throws {
    var body: JSONValue = ["eventType": .string("git.pullrequest.\(name)")]
    body["resource"] = request
    body[["resource", "pullRequestId"]] = 9
    body[["resource", "forkSource"]] = ["name": "refs/heads/topic"]
    body[["resource", "labels"]] = [["name": "a"], ["name": "b"]]
    if let text { body["message"] = ["text": .string(text)] }
    let event = try HostEvents.event(.azureDevOps, "", body)
    #expect(event.kind == .pullRequest && event.action == action)
    #expect(event.pullRequest?.isMerged == (request["status"] == "completed"))
    #expect(event.pullRequest?.isFromFork == true && event.pullRequest?.labels == ["a", "b"])
  }

  @Test func `azure's refs of pull requests are no branches`() throws {
    let update: JSONValue = [
      "name": "refs/pull/1/merge", "oldObjectId": .string(HostEvents.zeros),
      "newObjectId": .string(HostEvents.one),
    ]
    var body: JSONValue = ["eventType": "git.push"]
    body["resource"] = ["refUpdates": [update]]
    let event = try HostEvents.event(.azureDevOps, "", body)
    #expect(event.kind.rawValue == "azure-devops:git.push" && event.branch == nil)
    #expect(event.revision == HostEvents.one && event.ref == "refs/pull/1/merge")
  }

  @Test(
    arguments: [
      ([:], "created"), (["isDeleted": true], "deleted"),
      (["publishedDate": "1", "lastContentUpdatedDate": "1"], "created"),
      (["publishedDate": "1", "lastContentUpdatedDate": "2"], "edited"),
    ] as [(JSONValue, String)])
  func `azure's comments`(comment: JSONValue, action: String) throws {
    var body: JSONValue = ["eventType": "ms.vss-code.git-pullrequest-comment-event"]
    body["resource"] = ["pullRequest": ["pullRequestId": 1]]
    body[["resource", "comment"]] = comment
    let event = try HostEvents.event(.azureDevOps, "", body)
    #expect(event.kind == .comment && event.action == action)
  }
}
