// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// The requests for RDMA devices and how their replies are read.
///
/// Source: `drivers/infiniband/core/nldev.c`, `include/uapi/rdma/rdma_netlink.h`; devices 4.15, resources 4.16, port
/// counters 5.3 and later.
struct RDMARequests: Sendable {
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)
    private var devices = Self.request("RDMA_NLDEV_CMD_GET", 1, isDump: true)
    private var resources = Self.request("RDMA_NLDEV_CMD_RES_GET", 9, isDump: true)

    /// `RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command)`
    private static func type(_ command: UInt16) -> UInt16 { 5 << 10 | command }

    private static func request(_ name: String, _ command: UInt16, isDump: Bool) -> NetlinkRequest {
        NetlinkRequest(name, type: type(command), isDump: isDump)
    }

    /// What one round of requests found.
    struct Reply {
        var devices: [RDMADevice] = []
        /// How many messages or counters could not be read.
        var malformed = 0
        /// Why the counters of a port could not be had, the last one.
        var refusal: SystemError?
    }

    /// Asks for all devices, their resources and the driver's counters of each port.
    ///
    /// A driver without counters refuses that request, which is no error.
    mutating func read(_ transport: inout some NetlinkTransport & ~Copyable) throws(SystemError) -> Reply {
        var reply = Reply()
        reply.malformed += try transport.perform(
            &devices, buffer: &buffer, restart: { reply = Reply() },
            { message in
                if let device = RDMADevice(message) { reply.devices.append(device) } else { reply.malformed += 1 }
            })
        reply.malformed += try transport.perform(&resources, buffer: &buffer) { message in
            let index = message.attributes(after: 0)?.first(1)?.payload.integer(as: UInt32.self)
            guard let place = reply.devices.firstIndex(where: { $0.index == index }) else { return }
            reply.devices[place].addResources(message)
        }
        for place in reply.devices.indices {
            // A device claims at most 255 ports; a damaged number must not make this loop long.
            for port in 1...max(1, min(reply.devices[place].portCount, 255)) {
                var request = Self.request("RDMA_NLDEV_CMD_STAT_GET", 17, isDump: false)
                request.append(attribute: 1, reply.devices[place].index)
                request.append(attribute: 3, port)
                do throws(SystemError) {
                    reply.malformed += try transport.perform(&request, buffer: &buffer) { message in
                        reply.malformed += reply.devices[place].addCounters(message, port: port)
                    }
                } catch {
                    // EOPNOTSUPP and EINVAL: the driver has none.
                    if error.errno != 95, error.errno != 22 { reply.refusal = error }
                }
            }
        }
        return reply
    }
}

extension RDMADevice {
    /// Reads a device of `RDMA_NLDEV_CMD_GET`, whose port index is the number of ports; `nil` where it is cut off.
    init?(_ message: borrowing NetlinkMessage) {
        guard let attributes = message.attributes(after: 0),
            let index = attributes.first(1)?.payload.integer(as: UInt32.self),
            let name = attributes.first(2)?.payload.zeroTerminatedText, !name.isEmpty
        else { return nil }
        self.init(index: index, name: name, portCount: attributes.first(3)?.payload.integer(as: UInt32.self) ?? 1)
    }

    /// Takes in `RDMA_NLDEV_ATTR_RES_SUMMARY` (15): entries (16) of name (17) and number in use (18).
    mutating func addResources(_ message: borrowing NetlinkMessage) {
        guard var entries = message.attributes(after: 0)?.first(15)?.nested else { return }
        while let entry = entries.next() {
            guard entry.type == 16, let name = entry.nested.first(17)?.payload.zeroTerminatedText,
                let value = entry.nested.first(18)?.payload.integer(as: UInt64.self)
            else { continue }
            resources[name] = value
        }
    }

    /// Takes in `RDMA_NLDEV_ATTR_STAT_HWCOUNTERS` (80): entries (81) of name (82) and value (83).
    ///
    /// - Returns: how many entries could not be read.
    mutating func addCounters(_ message: borrowing NetlinkMessage, port: UInt32) -> Int {
        guard var entries = message.attributes(after: 0)?.first(80)?.nested else { return 0 }
        var malformed = 0
        while let entry = entries.next() {
            guard entry.type == 81 else { continue }
            guard let name = entry.nested.first(82)?.payload.zeroTerminatedText,
                let value = entry.nested.first(83)?.payload.integer(as: UInt64.self)
            else {
                malformed += 1
                continue
            }
            add(name, value, port: port)
        }
        return malformed + (entries.isMalformed ? 1 : 0)
    }
}
