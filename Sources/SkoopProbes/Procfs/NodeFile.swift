// SPDX-License-Identifier: Apache-2.0
internal import SkoopSystem
internal import Synchronization

/// A file below `net` of the node's own namespace, kept open between scrapes and read anew from its beginning.
///
/// For another namespace ``NamespaceFiles`` opens and closes, lest the namespace outlive its pod; the node's is there as
/// long as the kernel. Keeping the file saves finding a process of the node and checking that it still is one.
final class NodeFile: Sendable {
    private struct State: ~Copyable {
        var file: FileDescriptor?
        var buffer = FileBuffer(capacity: 4 << 10)
    }

    private let state = Mutex(State())
    private let path: String

    /// - Parameter name: the file's name below `net`.
    init(_ name: String) { path = "net/" + name }

    /// Reads the file and parses it; counts what cannot be read or parsed under the file's name.
    ///
    /// - Parameters:
    ///   - probe: who asks, for the error.
    ///   - parser: returns how many lines or values it could not parse.
    /// - Throws: when no process of the node's namespace can be read. That the file does not exist is no problem.
    func parse(
        _ host: ProbeEnvironment.HostPaths, _ scrape: Scrape, for probe: String, _ parser: (Span<UInt8>) -> UInt64
    ) throws(ProbeError) {
        try state.withLock { state throws(ProbeError) in
            let files = NamespaceFiles(host, scrape)
            if state.file == nil {
                var file: FileDescriptor?
                try files.node(in: probe) { [path] directory in
                    file = try? FileDescriptor(open: path, in: directory)
                    // Says why, where there is a reason to be told.
                    if file == nil { files.parse(path, in: directory, &state.buffer) { _ in 0 } }
                }
                state.file = file
            }
            guard let file = state.file.take() else { return }
            if files.parse(path, of: file, &state.buffer, parser) { state.file = consume file }
        }
    }
}
