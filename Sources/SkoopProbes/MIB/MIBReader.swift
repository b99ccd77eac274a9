// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import Synchronization

/// The SNMP counters of all namespaces for every probe that wants some: one reading per scrape and source.
///
/// Safe to use from several threads; who comes while a reading runs waits for it. The two sources do not wait for each
/// other, so that a file that hangs holds up only those who read files.
final class MIBReader: Sendable {
    private struct Pass: ~Copyable {
        var counters: [MIBCounter] = []
        var program: MIBPass?
        var layout: MIBLayout?
        /// Why the pass cannot be used; found out once.
        var hindrance: ProbeError?
        var last = LastReading<MIBTable>()
    }

    private struct Files {
        var counters: [MIBCounter] = []
        var last = LastReading<MIBTable>()
    }

    private let pass = Mutex(Pass())
    private let files = Mutex(Files())
    private let host: ProbeEnvironment.HostPaths

    init(host: ProbeEnvironment.HostPaths) {
        self.host = host
    }

    /// Adds counters to what is read and chooses their source.
    ///
    /// The pass is compared with `/proc` for the own namespace first; if anything differs it is not used.
    func subscribe(_ counters: [MIBCounter], required: Source?) throws(ProbeError) -> SourceChoice {
        guard required != .procfs else {
            subscribeToFiles(counters)
            return .configured(.procfs)
        }
        let hindrance = pass.withLock { pass -> ProbeError? in
            pass.counters += counters.filter { !pass.counters.contains($0) }
            pass.last = LastReading()
            do throws(ProbeError) { try prepare(&pass) } catch { pass.hindrance = error }
            return pass.hindrance
        }
        guard let hindrance else { return SourceChoice(.onePass) }
        if required == .onePass { throw hindrance }
        subscribeToFiles(counters)
        return SourceChoice(.procfs, reason: hindrance.message)
    }

    private func subscribeToFiles(_ counters: [MIBCounter]) {
        files.withLock { files in
            files.counters += counters.filter { !files.counters.contains($0) }
            files.last = LastReading()
        }
    }

    /// The counters of all subscribers to a source, for a scrape.
    func table(_ source: Source, _ scrape: Scrape) throws(ProbeError) -> MIBTable {
        guard source == .onePass else {
            return try files.withLock { files throws(ProbeError) in
                let reader = ProcMIBReader(files.counters, host: host)
                return try files.last.value(of: scrape.number) { () throws(ProbeError) in reader.read(scrape) }
            }
        }
        return try pass.withLock { pass throws(ProbeError) in
            let counters = pass.counters
            var last = pass.last
            defer { pass.last = last }
            return try last.value(of: scrape.number) { () throws(ProbeError) in
                guard let layout = pass.layout else {
                    throw ProbeError(.unsupportedKernel, "the one pass was not prepared")
                }
                return try pass.program?.read(counters, layout) ?? MIBTable(counters: counters)
            }
        }
    }

    private func prepare(_ pass: inout Pass) throws(ProbeError) {
        if let hindrance = pass.hindrance { throw hindrance }
        if pass.program == nil { pass.program = try MIBPass(sys: host.sys) }
        let layout: MIBLayout
        do { layout = try MIBLayout(pass.counters) } catch { throw ProbeError(error) }
        let files = ProcMIBReader(pass.counters, host: host)
        let own = try Scrape.ofOwnNamespace(proc: host.proc)
        guard var before = try pass.program?.read(pass.counters, layout) else { return }
        // A level can rise and fall between two passes; that it does so every time would be no chance.
        var tries = 16
        while true {
            let shown = files.read(own)
            guard let after = try pass.program?.read(pass.counters, layout) else { return }
            do throws(ProbeError) {
                pass.layout = layout.keeping(try MIBAgreement.check(shown, before: before, after: after))
                return
            } catch {
                tries -= 1
                if tries == 0 { throw error }
            }
            before = after
        }
    }
}
