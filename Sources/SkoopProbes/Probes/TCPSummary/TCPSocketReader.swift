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

    /// States of connections could not be compared on a busy host; listening sockets come and go seldom.
    private func compare() throws(ProbeError) {
        let own = try Scrape.ofOwnNamespace(proc: proc)
        let listen = 10
        func shown() throws(ProbeError) -> UInt64? { try read(.procfs, own).first?.states[listen] }
        var before = try shown()
        var difference = "the one pass and /proc/net/tcp cannot be compared for the own namespace"
        for _ in 0..<10 {
            let walked = try read(.onePass, own).first { $0.namespace == own.census.inventory.nodeNamespace }
            let after = try shown()
            guard let walked = walked?.states[listen], let low = before, let high = after else { break }
            if min(low, high)...max(low, high) ~= walked { return }
            difference = "the one pass finds \(walked) listening sockets, /proc/net/tcp and tcp6 show \(high)"
            before = after
        }
        throw ProbeError(.unsupportedKernel, difference)
    }
}
