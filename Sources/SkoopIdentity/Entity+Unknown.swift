// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

extension Entity {
    /// A namespace of which only the inode number is known, named as a census would name it.
    public static func unknown(_ namespace: NamespaceID) -> Entity {
        Entity(kind: .unknown, namespace: namespace, podName: EntitySpelling.inode(namespace))
    }

    /// Whether this stands for packets of which the kernel does not say in which namespace they were.
    public var isNobody: Bool { kind == .unknown && namespace == .nowhere }
}
