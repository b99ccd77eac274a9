// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileDescriptor {
    /// Which of `events` (of `poll(2)`) hold at the moment, errors and hang-up included; does not wait.
    public borrowing func pendingEvents(_ events: Int32) throws(SystemError) -> Int32 {
        var request = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: events), revents: 0)
        _ = try Self.retrying("poll") { poll(&request, 1, 0) }
        return Int32(request.revents)
    }
}
