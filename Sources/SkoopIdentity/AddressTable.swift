// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Which namespaces of this host have which addresses, and had them lately.
///
/// Whoever reads the kernel looks now and then, so that an address came at some moment between two looks, and went likewise.
/// Times are those of looks, in nanoseconds of `CLOCK_MONOTONIC`.
public struct AddressTable: Sendable, Equatable {
    /// An address of a namespace.
    public struct Tenure: Sendable, Hashable {
        /// The namespace.
        public var namespace: NamespaceID
        /// From the last look at which it did not have it, or 0, to the first at which it had it no longer, or the largest
        /// number.
        public var time: ClosedRange<UInt64>
        /// The namespace's cookie; 0 where nobody has looked.
        public var cookie: UInt64

        /// Whether the namespace had it at the last look.
        public var isCurrent: Bool { time.upperBound == .max }

        /// Makes a tenure.
        public init(namespace: NamespaceID, time: ClosedRange<UInt64> = 0...UInt64.max, cookie: UInt64 = 0) {
            self.namespace = namespace
            self.time = time
            self.cookie = cookie
        }
    }

    /// How many addresses are kept, those of the past included.
    public static let capacity = 16384

    /// Who has each address, in the order in which they got it.
    public private(set) var tenures: [IPAddress: [Tenure]] = [:]
    private var past = 0
    /// How many addresses there was no room for.
    public private(set) var omitted = 0

    /// Makes an empty table.
    public init() {}

    /// Notes that a namespace has an address.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - namespace: who has it.
    ///   - cookie: the namespace's cookie; 0 where nobody has looked.
    ///   - time: the last look at which it did not have it; 0 where it had it before anybody looked.
    public mutating func begin(_ address: IPAddress, in namespace: NamespaceID, cookie: UInt64 = 0, after time: UInt64)
    {
        guard tenures.count < Self.capacity || tenures[address] != nil else {
            omitted += 1
            return
        }
        tenures[address, default: []].append(Tenure(namespace: namespace, time: time...UInt64.max, cookie: cookie))
    }

    /// Notes that a namespace has an address no longer.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - namespace: who had it.
    ///   - time: the first look at which it had it no longer.
    public mutating func end(_ address: IPAddress, in namespace: NamespaceID, at time: UInt64) {
        guard
            let place = tenures[address]?.firstIndex(where: { $0.namespace == namespace && $0.isCurrent }),
            let begin = tenures[address]?[place].time.lowerBound
        else { return }
        tenures[address]?[place].time = begin...max(begin, time)
        past += 1
    }

    /// Forgets what ended before a moment.
    public mutating func forget(before time: UInt64) {
        guard past > 0, tenures.values.contains(where: { $0.contains { $0.time.upperBound < time } }) else { return }
        past = 0
        for (address, all) in tenures {
            let kept = all.filter { $0.time.upperBound >= time }
            past += kept.count { !$0.isCurrent }
            if kept.count < all.count { tenures[address] = kept.isEmpty ? nil : kept }
        }
    }
}
