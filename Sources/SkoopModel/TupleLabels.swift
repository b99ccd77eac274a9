// SPDX-License-Identifier: Apache-2.0

/// The labels by which a metric of packets names both ends, as KubeSkoop orders them.
public enum TupleLabels {
    /// The label names.
    ///
    /// `protocol` is `TCP`, `UDP`, `ICMP`, `ICMP6` or `IP`; `src_type` and `dst_type` are `pod`, `node`, `service` or
    /// `unknown`. Of a pod and a service the node is empty, of a node the namespace and the pod. Ports are `0` where a probe does not separate them.
    public static let names = [
        "protocol", "src", "src_type", "src_node", "src_namespace", "src_pod", "dst", "dst_type", "dst_node",
        "dst_namespace", "dst_pod", "sport", "dport",
    ]

    /// The values of ``names``, in their order.
    public static func values(_ tuple: PacketTuple, source: Peer, destination: Peer) -> [String] {
        [
            tuple.protocolName,
            tuple.source.address.description, source.kind.rawValue, source.node, source.namespace, source.pod,
            tuple.destination.address.description, destination.kind.rawValue, destination.node,
            destination.namespace, destination.pod,
            String(tuple.source.port), String(tuple.destination.port),
        ]
    }
}
