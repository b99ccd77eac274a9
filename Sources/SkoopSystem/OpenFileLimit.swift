// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How many files this process may have open.
public enum OpenFileLimit {
    /// The soft limit.
    public static var current: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft limit to the hard one, which needs no privilege.
    ///
    /// The soft limit is often 1024 for the sake of programs that use `select`; an agent that remembers hundreds of
    /// namespaces needs more. Call it before what sizes itself by the limit.
    public static func raise() {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
    }
}
