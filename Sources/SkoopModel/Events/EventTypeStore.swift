// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The event types of all sets that somebody has asked for; names are unique through all sets.
final class EventTypeStore: Sendable {
    static let shared = EventTypeStore()

    private let types = Mutex<[String: EventType]>([:])

    /// The type of a name, made when it is not there yet.
    func type(named name: String, _ make: () -> EventType) -> EventType {
        if let type = types.withLock({ $0[name] }) { return type }
        let type = make()
        types.withLock { $0[name] = type }
        return type
    }
}
