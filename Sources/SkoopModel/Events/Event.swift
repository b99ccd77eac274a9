// SPDX-License-Identifier: Apache-2.0

/// Something that happened once, or several times in a row: what, when, to whom, between which ends.
public struct Event: Sendable, Hashable {
    /// What happened.
    public var type: EventType
    /// When, in nanoseconds since 1970-01-01T00:00:00Z; of several in a row, when the first did.
    public var timestamp: UInt64
    /// When the last of several in a row did.
    public var lastTimestamp: UInt64
    /// How many were folded into this one.
    public var count: UInt64 = 1
    /// The node's name.
    public var node: String
    /// To whom: the owner of the network namespace the packet or socket was in.
    public var entity: Entity
    /// The ends, where there are any.
    public var tuple: PacketTuple?
    /// Whose address the source is.
    public var source: Peer
    /// Whose address the destination is.
    public var destination: Peer
    /// The process in whose context it happened; nil where it is none of a process's own doing.
    public var process: EventProcess?
    /// The values of the typed fields by position in ``EventType/fields``; nil where one is not known.
    public var values: [EventValue?]
    /// KubeSkoop's text.
    public var message: String

    /// Makes an event that happened once; see the properties for the meaning of each argument.
    public init(
        type: EventType, timestamp: UInt64, node: String, entity: Entity, tuple: PacketTuple? = nil,
        source: Peer = .unknown, destination: Peer = .unknown, process: EventProcess? = nil,
        values: [EventValue?] = [], message: String = ""
    ) {
        self.type = type
        self.timestamp = timestamp
        lastTimestamp = timestamp
        self.node = node
        self.entity = entity
        self.tuple = tuple
        self.source = source
        self.destination = destination
        self.process = process
        self.values = values
        self.message = message
    }

    /// The value of a field by its name; nil where the event has none.
    public subscript(field name: String) -> EventValue? {
        guard let position = type.fields.firstIndex(where: { $0.name == name }), position < values.count else {
            return nil
        }
        return values[position]
    }
}

/// A process as an event names it.
public struct EventProcess: Sendable, Hashable {
    /// The process (thread group).
    public var pid: Int32
    /// The thread.
    public var thread: Int32
    /// The thread's name (`/proc/<pid>/comm`).
    public var command: String

    /// Makes a process.
    public init(pid: Int32, thread: Int32, command: String) {
        self.pid = pid
        self.thread = thread
        self.command = command
    }
}
