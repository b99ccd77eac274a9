// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import Synchronization

/// The TCP sockets of all namespaces, from the one pass or from `/proc`.
final class TCPSocketReader: Sendable {
    private let pass = Mutex<TCPSocketPass?>(nil)
    private let files: ProcTCPReader
    private let proc: String

    init(host: ProbeEnvironment.HostPaths) {
        files = ProcTCPReader(host: host)
        proc = host.proc
    }

    /// Chooses the source; the pass must agree with `/proc` on the listening sockets of the own namespace.
    func choose(required: Source?) throws(ProbeError) -> SourceChoice {
        guard required != .procfs else { return .configured(.procfs) }
        do throws(ProbeError) {
            try pass.withLock { pass throws(ProbeError) in pass = try TCPSocketPass() }
            try compare()
            return SourceChoice(.onePass)
        } catch {
            if required == .onePass { throw error }
            return SourceChoice(.procfs, reason: error.message)
        }
    }

    func read(_ source: Source, _ scrape: Scrape) throws(ProbeError) -> [TCPSockets] {
        guard source == .onePass else { return files.read(scrape) }
        return try pass.withLock { pass throws(ProbeError) in try pass?.read(scrape.problems) ?? [] }
    }

    /// Listening sockets come and go seldom; states of connections could not be compared on a busy host.
    private func compare() throws(ProbeError) {
        let own = try Scrape.ofOwnNamespace(proc: proc)
        var difference = ""
        for _ in 0..<5 {
            let walked = try read(.onePass, own).first { $0.namespace == own.census.inventory.nodeNamespace }
            let shown = try read(.procfs, own).first
            guard let walked, let shown else { break }
            let listen = 10
            if walked.states[listen] == shown.states[listen] { return }
            difference =
                "\(walked.states[listen]) listening sockets, /proc/net/tcp and tcp6 show \(shown.states[listen])"
        }
        throw ProbeError(
            .unsupportedKernel,
            difference.isEmpty
                ? "the one pass and /proc/net/tcp cannot be compared for the own namespace"
                : "the one pass finds " + difference)
    }
}
