// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// What `/sys/class/infiniband` shows: devices, drivers and counters, but no resources.
///
/// Source: `drivers/infiniband/core/sysfs.c`. The directory `counters` has the port counters that InfiniBand defines, which
/// netlink does not give; `hw_counters` has the driver's own.
struct RDMAFiles: Sendable {
    private let root: String

    init(sys: String) { root = sys + "/class/infiniband" }

    /// Whether the kernel has RDMA, and where that was looked for.
    var isPresent: Bool { access(root, F_OK) == 0 }
    var path: String { root }

    /// All devices without counters.
    func devices() throws(SystemError) -> [RDMADevice] {
        try entries(root).enumerated().map { index, name in
            let ports = (try? entries("\(root)/\(name)/ports")) ?? []
            return RDMADevice(index: UInt32(index), name: name, portCount: ports.compactMap { UInt32($0) }.max() ?? 0)
        }
    }

    /// Adds the driver's name and the counters of all ports.
    ///
    /// - Parameter directories: the directories of a port that have counters.
    /// - Returns: how many files had no number in them.
    func complete(_ device: inout RDMADevice, from directories: [String]) -> Int {
        let path = "\(root)/\(device.name)"
        if let directory = try? FileDescriptor(open: path, flags: O_DIRECTORY),
            let target = try? directory.readLink("device/driver")
        {
            device.driver = target.split(separator: "/").last.map(String.init) ?? ""
        }
        var malformed = 0
        var buffer = FileBuffer(capacity: 256)
        for port in (try? entries(path + "/ports"))?.compactMap({ UInt32($0) }) ?? [] {
            for directory in directories {
                let counters = "\(path)/ports/\(port)/\(directory)"
                for name in (try? entries(counters)) ?? [] {
                    // What a driver does not support it refuses to show.
                    guard (try? buffer.read("\(counters)/\(name)")) != nil else { continue }
                    var scanner = ByteScanner(buffer.bytes)
                    guard let value = scanner.decimal() else {
                        // An unsupported InfiniBand counter reads as this text.
                        if !buffer.bytes.starts(with: "N/A") { malformed += 1 }
                        continue
                    }
                    device.add(name, value, port: port)
                }
            }
        }
        return malformed
    }

    /// The names in a directory, sorted.
    private func entries(_ path: String) throws(SystemError) -> [String] {
        let directory = try FileDescriptor(open: path, flags: O_DIRECTORY)
        var reader = DirectoryReader()
        var names: [String] = []
        try reader.forEach(in: directory) { names.append($0.name) }
        return names.sorted()
    }
}
