// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Tells the network namespaces of this host apart by more than their inode numbers, which the kernel gives away again.
public enum NamespaceCookies {
    /// Reads the cookie (`SO_NETNS_COOKIE`) of every namespace that there is; nil where that fails.
    public typealias Look = () -> [NamespaceID: UInt64]?

    /// Loads the program; owned by one thread.
    ///
    /// Kernel 5.19 and later, as root; elsewhere the look always fails. It takes 0.2 ms for 500 namespaces.
    public static func look(_ host: ProbeEnvironment.HostPaths = .init()) -> Look {
        guard var pass = try? AddressPass(sys: host.sys) else { return { nil } }
        return {
            guard let generations = try? pass.read(), generations.values.allSatisfy({ $0.cookie != 0 }) else {
                return nil
            }
            return generations.mapValues(\.cookie)
        }
    }
}
