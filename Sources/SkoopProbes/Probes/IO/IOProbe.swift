// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel

/// I/O accounting of the processes of every entity: read and write system calls, bytes from and to storage.
///
/// The one pass counts what every thread did in the entity it did it in, also after it has exited. `/proc/<pid>/io`
/// shows the living processes only, with what they inherited from children they waited for; there the sum of an entity
/// stands still, and does not fall, until what has gone is made up for.
public struct IOProbe: Probe {
    /// The one pass first, `/proc/<pid>/io` otherwise.
    public static let definition = ProbeDefinition(
        IOMetric.self, sources: [.onePass, .procfs], arguments: [ContainerLabel.argument])

    /// The source in use.
    public let source: SourceChoice
    private let tasks: TaskReader
    private let files: ProcIOReader
    private let label: ContainerLabel
    private var account: IOAccount

    /// Chooses the source.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        tasks = environment.readers.shared { TaskReader() }
        files = ProcIOReader(host: environment.host)
        let label = ContainerLabel(environment)
        self.label = label
        account = IOAccount(label)
        guard environment.requiredSource != .procfs else {
            source = .configured(.procfs)
            return
        }
        do throws(ProbeError) {
            try tasks.prepare()
            source = SourceChoice(.onePass)
        } catch {
            if environment.requiredSource == .onePass { throw error }
            source = SourceChoice(.procfs, reason: error.message)
        }
    }

    /// Sums the accounting of every entity that has, or had, a process.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        if source.source == .onePass {
            account.update(try tasks.take(scrape.problems), scrape.census)
        } else {
            account.update(files.read(scrape), scrape.census)
        }
        let totals = account.totals(scrape.census)
        return IOMetric.allCases.map { metric in
            var family = Family(label.metric(metric.metric), reserving: totals.count)
            for (entity, container, io) in totals {
                label.append(metric.value(in: io), for: entity, container: container, to: &family)
            }
            return family
        }
    }
}

extension IOMetric {
    fileprivate func value(in io: TaskIO) -> UInt64 {
        switch self {
        case .readsyscall: io.readCalls
        case .writesyscall: io.writeCalls
        case .readbytes: io.readBytes
        case .writebytes: io.writtenBytes
        }
    }
}
