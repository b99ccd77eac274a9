// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel
internal import SkoopSystem

/// Tells the flow program which devices of the node have a default route; there may be several, of both IP versions.
struct FlowDevices: Sendable {
    private static let devices: BPFMapName<skoop_flow_device, UInt32> = "devices"

    private let node: UInt32
    private var known: Set<UInt32> = []
    private var request = DefaultRoutes.request
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)

    /// Begins with none.
    init(_ node: NamespaceID) { self.node = UInt32(truncatingIfNeeded: node.rawValue) }

    /// Asks for the routes and brings the program's map up to date.
    mutating func update(_ program: AttachedProgram) throws(ProbeError) {
        let routed: Set<UInt32>
        do throws(SystemError) { routed = try self.routed() } catch { throw ProbeError(error) }
        let (gone, new) = (known.subtracting(routed), routed.subtracting(known))
        guard !gone.isEmpty || !new.isEmpty else { return }
        try program.access { object throws(BPFError) in
            let map = try object.map(Self.devices)
            for index in gone { try map.remove(skoop_flow_device(netns: node, index: index)) }
            for index in new { try map.set(1, for: skoop_flow_device(netns: node, index: index)) }
        }
        known = routed
    }

    private mutating func routed() throws(SystemError) -> Set<UInt32> {
        var routes = DefaultRoutes()
        var socket = try NetlinkSocket(.route)
        try socket.perform(&request, buffer: &buffer, restart: { routes = DefaultRoutes() }, { routes.add($0) })
        return routes.devices
    }
}
