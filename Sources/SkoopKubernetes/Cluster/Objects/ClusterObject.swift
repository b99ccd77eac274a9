// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel

/// What is wanted of an object of the API, of whatever resource; the rest is not even kept for a moment.
///
/// The members are those of https://kubernetes.io/docs/reference/kubernetes-api/; what is missing or of another form is
/// as if it were empty.
struct ClusterObject: Sendable, Hashable {
    /// Who made an object and looks after it.
    struct Owner: Sendable, Hashable {
        var kind: String
        var name: String
    }

    var namespace = ""
    var name = ""
    var uid = ""
    /// `metadata.resourceVersion`, from which a watch goes on.
    var version = ""
    /// When it was made, in nanoseconds since 1970; 0 where that is not said.
    var created: UInt64 = 0
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]
    /// The owner that is its controller.
    var owner: Owner?

    /// Of a pod: where it runs.
    var node = ""
    /// Of a pod: whether it has the node's network.
    var isHostNetwork = false
    /// Of a pod: `status.phase`.
    var phase = ""
    /// Of a pod: when the kubelet began with it, in nanoseconds since 1970; 0 before.
    var started: UInt64 = 0
    /// Of a pod: its containers, init and ephemeral ones too, as far as they were made.
    var containers: [Pod.Container] = []

    /// The addresses that are the object's own, of a service those in the cluster; of a slice those of its endpoints.
    var addresses: [IPAddress] = []
    /// Of a service: addresses by which it is reached from elsewhere.
    var externalAddresses: [IPAddress] = []

    /// Of the object that ends a watch (kind `Status`), and of an answer that is no success: what was wrong.
    var code: UInt64 = 0
    var message = ""

    /// Whether a pod will never run again; its addresses are another's soon, though the object still names them.
    var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Reads an object.
    init(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.members { (cursor, name) throws(JSONError) in
            switch name {
            case "metadata": try self.readMetadata(&cursor)
            case "spec": try self.readSpecification(&cursor)
            case "status": try self.readStatus(&cursor)
            case "endpoints": try self.readEndpoints(&cursor)
            case "code": self.code = try cursor.unsigned() ?? 0
            case "message": self.message = try cursor.text() ?? ""
            default: try cursor.skip()
            }
        }
    }

    /// Reads a text that holds one object.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        var cursor = JSONCursor(bytes)
        try self.init(&cursor)
        try cursor.finish()
    }

    private mutating func readMetadata(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.members { (cursor, name) throws(JSONError) in
            switch name {
            case "namespace": self.namespace = try cursor.text() ?? ""
            case "name": self.name = try cursor.text() ?? ""
            case "uid": self.uid = try cursor.text() ?? ""
            case "resourceVersion": self.version = try cursor.text() ?? ""
            case "creationTimestamp": self.created = try cursor.time()
            case "labels": self.labels = try cursor.texts { _ in true }
            case "annotations": self.annotations = try cursor.texts(where: Self.isWanted)
            case "ownerReferences": try self.readOwners(&cursor)
            default: try cursor.skip()
            }
        }
    }

    private mutating func readOwners(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.elements { (cursor) throws(JSONError) in
            var owner = Owner(kind: "", name: "")
            var isController = false
            try cursor.members { (cursor, name) throws(JSONError) in
                switch name {
                case "kind": owner.kind = try cursor.text() ?? ""
                case "name": owner.name = try cursor.text() ?? ""
                case "controller": isController = try cursor.isTrue()
                default: try cursor.skip()
                }
            }
            if isController { self.owner = owner }
        }
    }

    private mutating func readSpecification(_ cursor: inout JSONCursor) throws(JSONError) {
        var first: IPAddress?
        try cursor.members { (cursor, name) throws(JSONError) in
            switch name {
            case "nodeName": self.node = try cursor.text() ?? ""
            case "hostNetwork": self.isHostNetwork = try cursor.isTrue()
            case "clusterIP": first = try cursor.address()
            case "clusterIPs": try self.readAddresses(&cursor, \.addresses)
            case "externalIPs": try self.readAddresses(&cursor, \.externalAddresses)
            default: try cursor.skip()
            }
        }
        // Before 1.20 there is only one.
        if let first, !addresses.contains(first) { addresses.append(first) }
    }

    private mutating func readStatus(_ cursor: inout JSONCursor) throws(JSONError) {
        var first: IPAddress?
        try cursor.members { (cursor, name) throws(JSONError) in
            switch name {
            case "phase": self.phase = try cursor.text() ?? ""
            case "startTime": self.started = try cursor.time()
            case "podIP": first = try cursor.address()
            case "podIPs": try self.readAddresses(&cursor, \.addresses, in: "ip")
            case "addresses": try self.readAddresses(&cursor, \.addresses, in: "address")
            case "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses":
                try self.readContainers(&cursor)
            case "loadBalancer":
                try cursor.members { (cursor, name) throws(JSONError) in
                    guard name == "ingress" else { return try cursor.skip() }
                    try self.readAddresses(&cursor, \.externalAddresses, in: "ip")
                }
            default: try cursor.skip()
            }
        }
        // Before 1.16 there is only one.
        if let first, !addresses.contains(first) { addresses.append(first) }
    }

    private mutating func readContainers(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.elements { (cursor) throws(JSONError) in
            var container = Pod.Container(id: "", name: "")
            try cursor.members { (cursor, name) throws(JSONError) in
                switch name {
                case "name": container.name = try cursor.text() ?? ""
                // containerd://0123…
                case "containerID":
                    let id = try cursor.text() ?? ""
                    container.id = String(id[(id.lastIndex(of: "/").map { id.index(after: $0) } ?? id.startIndex)...])
                default: try cursor.skip()
                }
            }
            if !container.id.isEmpty { self.containers.append(container) }
        }
    }

    private mutating func readEndpoints(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.elements { (cursor) throws(JSONError) in
            try cursor.members { (cursor, name) throws(JSONError) in
                guard name == "addresses" else { return try cursor.skip() }
                try self.readAddresses(&cursor, \.addresses)
            }
        }
    }

    /// Reads a list of addresses; what is none, as the name of a host or `None`, is left out.
    ///
    /// - Parameter member: what an address is called in an element, where that is an object.
    private mutating func readAddresses(
        _ cursor: inout JSONCursor, _ list: WritableKeyPath<ClusterObject, [IPAddress]>, in member: String? = nil
    ) throws(JSONError) {
        try cursor.elements { (cursor) throws(JSONError) in
            var address: IPAddress?
            if let member {
                try cursor.members { (cursor, name) throws(JSONError) in
                    if name == member { address = try cursor.address() } else { try cursor.skip() }
                }
            } else {
                address = try cursor.address()
            }
            if let address, !self[keyPath: list].contains(address) { self[keyPath: list].append(address) }
        }
    }

    /// Annotations in which networks say what else is a node's address, and by which the kubelet marks a pod that comes
    /// from a file.
    private static func isWanted(_ annotation: String) -> Bool {
        annotation == configurationHash || nodeAddresses.contains(annotation)
    }

    /// The UID of a pod of a file on the node as control groups and runtimes have it.
    static let configurationHash = "kubernetes.io/config.hash"
    /// Addresses of tunnels and of nodes behind a translator of addresses, by Flannel, Calico and Cilium.
    static let nodeAddresses: Set<String> = [
        "flannel.alpha.coreos.com/public-ip", "flannel.alpha.coreos.com/public-ipv6",
        "projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address", "projectcalico.org/IPv4IPIPTunnelAddr",
        "projectcalico.org/IPv4VXLANTunnelAddr", "projectcalico.org/IPv6VXLANTunnelAddr",
        "io.cilium.network.ipv4-cilium-host", "io.cilium.network.ipv6-cilium-host",
    ]
}

extension JSONCursor {
    /// An address; nil for any other value, which is passed.
    fileprivate mutating func address() throws(JSONError) -> IPAddress? {
        try text().flatMap { IPAddress($0) }?.unmapped
    }

    /// Nanoseconds since 1970; 0 for any other value, which is passed.
    fileprivate mutating func time() throws(JSONError) -> UInt64 { try text().flatMap(ClusterTime.parse) ?? 0 }

    /// The members of an object that are strings.
    fileprivate mutating func texts(where isWanted: (String) -> Bool) throws(JSONError) -> [String: String] {
        var texts: [String: String] = [:]
        try members { (cursor, name) throws(JSONError) in
            if isWanted(name) { texts[name] = try cursor.text() } else { try cursor.skip() }
        }
        return texts
    }
}
