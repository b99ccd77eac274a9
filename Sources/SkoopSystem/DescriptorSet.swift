// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Waits for one of several descriptors to become readable (`poll(2)`, which for some dozen costs what `epoll` does).
public struct DescriptorSet: Sendable {
    private var requests: [pollfd] = []

    /// Makes a set that waits for nothing yet.
    public init() {}

    /// Waits for a descriptor too.
    public mutating func add(_ descriptor: CInt) {
        requests.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }

    /// Waits for a descriptor no longer.
    public mutating func remove(_ descriptor: CInt) { requests.removeAll { $0.fd == descriptor } }

    /// Waits until a descriptor is readable, at most for `milliseconds`.
    ///
    /// - Returns: whether one is, or is broken; a signal ends the wait early.
    public mutating func wait(milliseconds: CInt) -> Bool {
        let count = nfds_t(requests.count)
        return unsafe requests.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, count, milliseconds) } > 0
    }

    /// Which descriptors are readable, or broken, at the moment; by their positions in the order in which they were added.
    public mutating func readable() -> [Int] {
        wait(milliseconds: 0) ? requests.indices.filter { requests[$0].revents != 0 } : []
    }
}
