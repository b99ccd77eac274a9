// SPDX-License-Identifier: Apache-2.0
import SkoopEvidence
public import SkoopLab
import SkoopSystem
public import SkoopTesting
import Synchronization

/// Where a scenario plays: a lab of its own, chance that follows from the seed, and the time of the fault.
public final class Stage: Sendable {
    /// The lab.
    public let lab: FaultLab
    /// The version of IP.
    public let family: IPFamily
    /// How long the fault lasts.
    public let duration: Duration
    private let observatory: Observatory
    private let random: Mutex<SeededGenerator>
    /// Files that are evidence besides what the probes see, until the verdict.
    private let files: TemporaryDirectory
    private let given = Mutex<[(host: LabHost, path: String, format: String?)]>([])
    private let span = Mutex<(begin: UInt64, end: UInt64)?>(nil)

    init(
        _ lab: consuming FaultLab, _ families: [IPFamily], _ observatory: Observatory, _ random: SeededGenerator
    ) throws {
        var random = random
        files = try TemporaryDirectory()
        self.lab = lab
        self.observatory = observatory
        family = families.randomElement(using: &random) ?? .v4
        duration = .milliseconds(Int.random(in: 7000...14000, using: &random))
        self.random = Mutex(random)
    }

    /// When the fault was there, in nanoseconds since 1970.
    var time: ClosedRange<UInt64>? { span.withLock { $0 }.map { $0.begin...$0.end } }

    /// Where a proxy on a host is to write its access log, in a format of nginx's.
    func accessLog(of host: LabHost, _ format: String) -> String {
        given.withLock { given in
            let path = "\(files.path)/\(given.count).log"
            given.append((host, path, format))
            return path
        }
    }

    /// A resolver's configuration, with which a host's processes run.
    func resolverFile(of host: LabHost, _ text: String) throws -> String {
        try files.write(text, to: "resolv.conf")
        let path = files.path + "/resolv.conf"
        given.withLock { $0.append((host, path, nil)) }
        return path
    }

    /// The files that are evidence, with the names that hosts have.
    func sources(_ label: String) throws -> [any EvidenceSource] {
        try given.withLock { $0 }.map { host, path, format in
            let place = "\(LabNames.namespace)/\(label)-\(host.name)=\(path)"
            if let format { return AccessLog(place, format: try AccessFormat(format)) }
            return ResolverFile(place)
        }
    }

    /// A number by chance.
    public func any(_ range: ClosedRange<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }

    /// One of several by chance.
    public func any<Value>(of values: [Value]) -> Value {
        values[any(0...values.count - 1)]
    }

    /// A time by chance, in milliseconds.
    public func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(any(range)) }

    /// A port by chance, none that the kernel takes for clients.
    public func port() -> UInt16 { UInt16(any(1024...32000)) }

    /// Seed for something that needs its own chance.
    public func generator() -> SeededGenerator {
        SeededGenerator(quietly: random.withLock { $0.next() })
    }

    /// Whether `host` is reached at this address and port.
    public func endpoint(_ host: LabHost, _ port: UInt16) -> Endpoint { host.endpoint(family, port: port) }

    /// Only this host is seen; the others are somewhere far away.
    public func watchOnly(_ host: LabHost) {
        for other in [lab.client, lab.server] + [lab.middle].compactMap(\.self) where other !== host {
            observatory.hide(other)
        }
    }

    /// Lets the fault happen: after a while without it, and until it has been seen.
    ///
    /// - Parameter body: makes the fault and returns when its time is over.
    public func fault(_ body: () throws -> Void) throws {
        for _ in 0..<7 { observatory.waitForSnapshot() }
        let begin = SystemClock.wall
        try body()
        for _ in 0..<2 { observatory.waitForSnapshot() }
        span.withLock { $0 = (begin, SystemClock.wall) }
    }

    /// Does something again and again as long as the fault lasts.
    public func repeating(every pause: Duration, _ body: () throws -> Void) rethrows {
        let end = MonotonicTime.now + duration
        while MonotonicTime.now < end {
            try body()
            rest(pause)
        }
    }
}
