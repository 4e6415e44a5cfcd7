extension EventLoop {
  /// What can be registered for events.
  enum Registrant {
    case stream(ByteStream)
    case listener(Listener)

    func handle(_ event: Poller.Event) {
      switch self {
      case .stream(let stream): stream.handle(event)
      case .listener(let listener): listener.handle(event)
      }
    }

    func close() {
      switch self {
      case .stream(let stream): stream.close()
      case .listener(let listener): listener.close()
      }
    }
  }

  /// Who hears of a deadline that passed.
  enum DeadlineTarget {
    case waiter(Waiter)
    case listener(Listener)

    func deadlinePassed() {
      switch self {
      case .waiter(let waiter): waiter.end(.deadlinePassed)
      case .listener(let listener): listener.restIsOver()
      }
    }
  }
}
