// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopSystem

/// A network namespace, told apart from an earlier one of the same inode number, which the kernel gives away again.
struct NamespaceKey: Hashable, Sendable {
    var id: NamespaceID
    /// `SO_NETNS_COOKIE`; 0 where the kernel has none, before 5.14.
    var cookie: UInt64 = 0
}

/// A network device: interface numbers and names are unique within a namespace only.
struct DeviceKey: Hashable, Sendable {
    var namespace: NamespaceKey
    /// The interface number; 0 where the source does not tell it.
    var index: UInt32
    /// The name, which may change, where there is no number.
    var name: String

    init(_ device: DeviceReading.Device, in namespace: NamespaceKey) {
        self.namespace = namespace
        index = device.index
        name = device.index == 0 ? device.name : ""
    }
}

extension NamespaceDoor {
    /// The door to a namespace of the inventory.
    init(_ namespace: NetworkNamespace) {
        self.init(inode: namespace.id.rawValue, pid: namespace.pid, mountPath: namespace.mountPath)
    }
}

extension ProbeError {
    /// A netlink socket that could not be opened, or a request that was refused, by what it means for a probe.
    init(netlink error: SystemError) {
        // EPROTONOSUPPORT and EAFNOSUPPORT: the kernel is built without the subsystem.
        if error.errno == 93 || error.errno == 97 {
            self.init(.missingSubsystem, error.description)
        } else {
            self.init(error)
        }
    }
}
