// SPDX-License-Identifier: Apache-2.0
import SkoopExport
public import SkoopModel
import SkoopProbes
import SkoopSystem
import Synchronization

/// Appends events as lines of JSON to a file, and moves the file away when it has become large.
///
/// The file is opened anew when somebody else has moved it away or removed it.
public struct FileSink: Sink {
    /// Path and rotation.
    public static let definition = SinkDefinition(
        "file", "one line of JSON in a file for each event",
        arguments: [
            ProbeArgument("path", .string, help: "where; its folder must be there", isRequired: true),
            ProbeArgument(
                "maxSize", .integer(0...1_048_576),
                help:
                    "megabytes from which on the file is renamed to path.1, path.1 to path.2 and so on; 100, 0 for never"
            ),
            ProbeArgument("maxFiles", .integer(0...1000), help: "how many renamed files are kept; 4"),
        ])

    /// The path.
    public var target: String { path }
    private let path: String
    private let maxSize: Int
    private let maxFiles: Int
    private var file: FileHolder
    private var encoder = EventEncoder()
    private var lines: [UInt8] = []

    /// Says whether the path can be one of a file.
    public static func check(_ environment: SinkEnvironment) throws(SinkArgumentError) {
        let path = environment.string("path") ?? ""
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw SinkArgumentError("path", "'\(path)' is no path of a file, an absolute one is needed")
        }
    }

    /// Opens the file.
    public init(_ environment: SinkEnvironment) throws(SinkError) {
        do { try Self.check(environment) } catch { throw SinkError(error) }
        let path = environment.string("path") ?? ""
        self.init(
            path: path, maxSize: (environment.integer("maxSize") ?? 100) << 20,
            maxFiles: environment.integer("maxFiles") ?? 4, file: try FileHolder(path))
    }

    init(path: String, maxSize: Int, maxFiles: Int) throws(SinkError) {
        self.init(path: path, maxSize: maxSize, maxFiles: maxFiles, file: try FileHolder(path))
    }

    private init(path: String, maxSize: Int, maxFiles: Int, file: FileHolder) {
        self.path = path
        self.maxSize = maxSize
        self.maxFiles = maxFiles
        self.file = file
    }

    /// Appends lines.
    public mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
        if !file.isStillThere(path) { file = try FileHolder(path) }
        var delivered = 0
        var gathered = 0
        lines.removeAll(keepingCapacity: true)
        do throws(SinkError) {
            for event in events {
                let line = encoder.encode(event)
                if isTooLarge(with: line.count + 1) {
                    try file.append(lines)
                    delivered += gathered
                    gathered = 0
                    lines.removeAll(keepingCapacity: true)
                    if isTooLarge(with: line.count + 1) { try rotate() }
                }
                lines += line
                lines.append(UInt8(ascii: "\n"))
                gathered += 1
            }
            try file.append(lines)
        } catch {
            guard delivered > 0 else { throw error }
            return SinkReceipt(delivered: delivered, error: error)
        }
        return SinkReceipt(delivered: delivered + gathered)
    }

    /// Opens the file anew.
    public mutating func reopen() {
        // Where that fails the old one is still open, and the next delivery tries again.
        if let opened = try? FileHolder(path) { file = opened }
    }

    private func isTooLarge(with count: Int) -> Bool {
        let size = file.size + lines.count
        return maxSize > 0 && file.isRegular && size > 0 && size + count > maxSize
    }

    private mutating func rotate() throws(SinkError) {
        do throws(SystemError) {
            if maxFiles == 0 { try AppendFile.remove(path) }
            for number in stride(from: maxFiles - 1, through: 0, by: -1) {
                do throws(SystemError) {
                    try AppendFile.rename(number == 0 ? path : "\(path).\(number)", to: "\(path).\(number + 1)")
                } catch  where error.isAbsence {}
            }
        } catch { throw SinkError(.unwritable, error.description) }
        file = try FileHolder(path)
    }
}

/// An open file in a copyable sink. Only the sink's thread touches it, so that nobody ever waits for the lock.
private final class FileHolder: Sendable {
    private let file: Mutex<AppendFile>

    init(_ path: String) throws(SinkError) {
        do throws(SystemError) {
            file = Mutex(try AppendFile(path))
        } catch { throw SinkError(.unwritable, error.description) }
    }

    var size: Int { file.withLock { $0.size } }
    var isRegular: Bool { file.withLock { $0.isRegular } }

    /// Whether the path still leads to it.
    func isStillThere(_ path: String) -> Bool {
        let identity = try? FileIdentity(path: path)
        return file.withLock { $0.identity == identity }
    }

    func append(_ bytes: [UInt8]) throws(SinkError) {
        do throws(SystemError) {
            try file.withLock { file throws(SystemError) in try file.append(bytes[...]) }
        } catch { throw SinkError(.unwritable, error.description) }
    }
}
