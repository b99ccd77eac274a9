// SPDX-License-Identifier: Apache-2.0
import Foundation

extension TestNamespace {
    /// Makes a namespace that has the inode number of one that has gone, by making others until the kernel gives it away
    /// again.
    ///
    /// - Throws: when somebody else has the number.
    public static func reusing(inode: UInt64) throws -> TestNamespace {
        // They keep the numbers that are free besides; deleted when this returns.
        var others: [Held] = []
        for _ in 0..<200 {
            let namespace = try TestNamespace()
            if namespace.inode == inode { return namespace }
            others.append(Held(namespace))
            // The kernel takes namespaces down on its own time.
            usleep(20_000)
        }
        throw CommandError(
            command: ["ip", "netns", "add"], status: -1,
            errors: "\(inode) was not given away again, but \(others.map { $0.namespace.inode })")
    }

    private final class Held {
        let namespace: TestNamespace
        init(_ namespace: consuming TestNamespace) { self.namespace = namespace }
    }
}
