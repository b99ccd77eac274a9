// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import SkoopSystem

/// A tracked connection, or one that is expected, as a message tells of it.
///
/// Source: `ctnetlink_conntrack_event` and `ctnetlink_expect_event` in `net/netfilter/nf_conntrack_netlink.c`.
struct ConntrackEntry: Hashable, Sendable {
    /// Packets and bytes of one direction.
    struct Traffic: Hashable, Sendable {
        var packets: UInt64
        var bytes: UInt64
    }

    /// Who began it.
    var original: ConntrackTuple
    /// How answers come, after translation; an expected connection has none.
    var reply: ConntrackTuple?
    /// The connection because of which it was expected.
    var master: ConntrackTuple?
    var status: ConntrackStatus = []
    var state: String?
    var id: UInt32?
    var zone: UInt16 = 0
    var mark: UInt32 = 0
    /// Seconds.
    var timeout: UInt32?
    var helper: String?
    var traffic: Traffic?
    var replyTraffic: Traffic?
    /// When it began, ended, and when what the message tells of happened: nanoseconds since 1970.
    var start: UInt64?
    var stop: UInt64?
    var moment: UInt64?

    /// Reads a message's attributes, which follow a `struct nfgenmsg`; nil where they are cut off or lack the ends.
    init?(_ message: borrowing NetlinkMessage, of kind: ConntrackKind) {
        guard let attributes = message.attributes(after: 4) else { return nil }
        switch kind {
        case .new, .update, .destroy: self.init(connection: attributes)
        case .expectationNew, .expectationDestroy: self.init(expectation: attributes)
        }
    }

    private init?(_ attributes: NetlinkAttributes, original type: UInt16) {
        guard let attribute = attributes.first(type), let original = ConntrackTuple(attribute.nested) else {
            return nil
        }
        self.original = original
    }

    /// `CTA_*`.
    private init?(connection all: NetlinkAttributes) {
        var attributes = all
        self.init(all, original: 1)
        while let attribute = attributes.next() {
            let value = attribute.payload
            switch attribute.type {
            case 2: reply = ConntrackTuple(attribute.nested)
            case 3: status = ConntrackStatus(rawValue: value.bigEndian32 ?? 0)
            case 4: readState(attribute.nested)
            case 5: helper = attribute.nested.first(1)?.payload.zeroTerminatedText
            case 7: timeout = value.bigEndian32
            case 8: mark = value.bigEndian32 ?? 0
            case 9: traffic = Traffic(attribute.nested)
            case 10: replyTraffic = Traffic(attribute.nested)
            case 12: id = value.bigEndian32
            case 14: master = ConntrackTuple(attribute.nested)
            case 18: zone = value.integer(as: UInt16.self)?.byteSwapped ?? 0
            case 20:
                start = attribute.nested.first(1)?.payload.bigEndian64
                stop = attribute.nested.first(2)?.payload.bigEndian64
            case 27: moment = value.bigEndian64
            default: break
            }
        }
        if attributes.isMalformed || reply == nil { return nil }
    }

    /// `CTA_EXPECT_*`.
    private init?(expectation all: NetlinkAttributes) {
        var attributes = all
        self.init(all, original: 2)
        while let attribute = attributes.next() {
            let value = attribute.payload
            switch attribute.type {
            case 1: master = ConntrackTuple(attribute.nested)
            case 4: timeout = value.bigEndian32
            case 5: id = value.bigEndian32
            case 6: helper = value.zeroTerminatedText
            case 7: zone = value.integer(as: UInt16.self)?.byteSwapped ?? 0
            default: break
            }
        }
        if attributes.isMalformed { return nil }
    }

    /// `CTA_PROTOINFO_*`, of which each has its state as its first attribute.
    private mutating func readState(_ attributes: consuming NetlinkAttributes) {
        while let attribute = attributes.next() {
            guard let number = attribute.nested.first(1)?.payload.integer(as: UInt8.self) else { continue }
            state = ConntrackState.name(number, family: attribute.type)
        }
    }
}

extension ConntrackEntry.Traffic {
    /// `CTA_COUNTERS_*`.
    fileprivate init?(_ attributes: NetlinkAttributes) {
        guard let packets = attributes.first(1)?.payload.bigEndian64,
            let bytes = attributes.first(2)?.payload.bigEndian64
        else { return nil }
        self.init(packets: packets, bytes: bytes)
    }
}

extension Span<UInt8> {
    /// The 32 bits at the beginning, the highest first.
    fileprivate var bigEndian32: UInt32? { integer(as: UInt32.self)?.byteSwapped }
    /// The 64 bits at the beginning, the highest first.
    fileprivate var bigEndian64: UInt64? { integer(as: UInt64.self)?.byteSwapped }
}
