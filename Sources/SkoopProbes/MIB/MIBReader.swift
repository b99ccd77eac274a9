// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import Synchronization

/// The SNMP counters of all namespaces for every probe that wants some: one reading per scrape and source.
///
/// Safe to use from several threads; who comes while a reading runs waits for it.
final class MIBReader: Sendable {
    private struct State: ~Copyable {
        var counters: [MIBCounter] = []
        var pass: MIBPass?
        var layout: MIBLayout?
        /// Why the pass cannot be used; found out once.
        var hindrance: ProbeError?
        var lastPass = LastReading<MIBTable>()
        var lastFiles = LastReading<MIBTable>()
    }

    private let state = Mutex(State())
    private let host: ProbeEnvironment.HostPaths

    init(host: ProbeEnvironment.HostPaths) {
        self.host = host
    }

    /// Adds counters to what is read and chooses their source.
    ///
    /// The pass is compared with `/proc` for the own namespace first; if anything differs it is not used.
    func subscribe(_ counters: [MIBCounter], required: Source?) throws(ProbeError) -> SourceChoice {
        try state.withLock { state throws(ProbeError) in
            state.counters += counters.filter { !state.counters.contains($0) }
            state.lastPass = LastReading()
            state.lastFiles = LastReading()
            guard required != .procfs else { return .configured(.procfs) }
            do throws(ProbeError) { try prepare(&state) } catch { state.hindrance = error }
            guard let hindrance = state.hindrance else { return SourceChoice(.onePass) }
            if required == .onePass { throw hindrance }
            return SourceChoice(.procfs, reason: hindrance.message)
        }
    }

    /// The counters of all subscribers for a scrape.
    func table(_ source: Source, _ scrape: Scrape) throws(ProbeError) -> MIBTable {
        try state.withLock { state throws(ProbeError) in
            guard source == .onePass else {
                let reader = ProcMIBReader(state.counters, host: host)
                return try state.lastFiles.value(of: scrape.number) { () throws(ProbeError) in reader.read(scrape) }
            }
            let counters = state.counters
            var last = state.lastPass
            defer { state.lastPass = last }
            return try last.value(of: scrape.number) { () throws(ProbeError) in
                guard let layout = state.layout else {
                    throw ProbeError(.unsupportedKernel, "the one pass was not prepared")
                }
                return try state.pass?.read(counters, layout) ?? MIBTable(counters: counters)
            }
        }
    }

    private func prepare(_ state: inout State) throws(ProbeError) {
        if let hindrance = state.hindrance { throw hindrance }
        if state.pass == nil { state.pass = try MIBPass(sys: host.sys) }
        let layout: MIBLayout
        do { layout = try MIBLayout(state.counters) } catch { throw ProbeError(error) }
        let files = ProcMIBReader(state.counters, host: host)
        let own = try Scrape.ofOwnNamespace(proc: host.proc)
        guard var before = try state.pass?.read(state.counters, layout) else { return }
        // A level can rise and fall between two passes; that it does so every time would be no chance.
        var tries = 16
        while true {
            let shown = files.read(own)
            guard let after = try state.pass?.read(state.counters, layout) else { return }
            do throws(ProbeError) {
                state.layout = layout.keeping(try MIBAgreement.check(shown, before: before, after: after))
                return
            } catch {
                tries -= 1
                if tries == 0 { throw error }
            }
            before = after
        }
    }
}
