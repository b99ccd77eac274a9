// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting

/// A block device that does only so many writes in a second; gone when the value goes or this process dies.
///
/// A loop device on a file of a real disk, whose writes are charged to a control group with a limit there: they wait
/// below the loop device, so that its own requests are slow. Needs a disk behind `/var/tmp`, CONFIG_BLK_DEV_LOOP and
/// CONFIG_BLK_DEV_THROTTLING. Source: `drivers/block/loop.c`, `block/blk-throttle.c`.
public struct SlowDisk: ~Copyable, Sendable {
    /// The device's name, for example `loop3`.
    public let name: String
    /// The device's numbers.
    public let number: (major: Int, minor: Int)
    private let group: ControlGroup
    private let change: MachineChange

    /// Writes done, as a program did them.
    public struct Writes: Sendable, Hashable {
        /// How many requests.
        public var count: Int
        /// The bytes in each.
        public var length: Int
        /// How long all together took.
        public var duration: Duration
    }

    /// Makes a device of 16 MiB.
    public init(writesPerSecond limit: Int = 20) throws {
        let directory = "/var/tmp"
        let disk = try Self.disk(of: directory)
        let group = try ControlGroup(
            controllers: ("blkio", "io"),
            limits: (
                [("blkio.throttle.write_iops_device", "\(disk) \(limit)")], [("io.max", "\(disk) wiops=\(limit)")]
            ))
        // The loop device keeps the file, which needs no name any more.
        let change = try MachineChange(
            making: """
                modprobe -q loop || true
                truncate -s 16M "$1"
                loop=$(losetup --direct-io=on -f --show "$1")
                rm "$1"
                echo "${loop#/dev/}"
                """,
            undoing: """
                rm -f "$1"
                test -z "$loop" || losetup -d "$loop"
                """, "\(directory)/skoop-lab-\(UUID().uuidString)")
        let text = try String(contentsOfFile: "/sys/block/\(change.answer)/dev", encoding: .utf8)
        number = try Self.numbers(text)
        name = change.answer
        self.group = group
        self.change = change
    }

    /// Writes blocks of 4096 bytes, one after the other, past the page cache.
    public func write(_ count: Int) throws -> Writes {
        let start = MonotonicTime.now
        try run(
            "sh", "-c",
            "echo $$ > \(group.path)/cgroup.procs && exec dd if=/dev/zero of=/dev/\(name) bs=4k count=\(count) oflag=direct"
        )
        return Writes(count: count, length: 4096, duration: MonotonicTime.now.since(start))
    }

    /// The whole disk that holds a directory, as the kernel's limits name it.
    private static func disk(of directory: String) throws -> String {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw LabError("no \(directory)") }
        let (major, minor) = (status.st_dev >> 8 & 0xfff, status.st_dev & 0xff | status.st_dev >> 12 & 0xfff00)
        let link = "/sys/dev/block/\(major):\(minor)"
        guard FileManager.default.fileExists(atPath: link) else {
            throw LabError("\(directory) is not on a disk but on device \(major):\(minor)")
        }
        let isPartition = FileManager.default.fileExists(atPath: link + "/partition")
        let text = try String(contentsOfFile: link + (isPartition ? "/../dev" : "/dev"), encoding: .utf8)
        let whole = try numbers(text)
        return "\(whole.major):\(whole.minor)"
    }

    private static func numbers(_ text: String) throws -> (major: Int, minor: Int) {
        let parts = text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2 else { throw LabError("no device numbers: \(text)") }
        return (parts[0], parts[1])
    }
}
