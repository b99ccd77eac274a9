// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopModel
import SkoopProbes
import SkoopSystem

/// What the pipeline's thread does, round after round.
struct PipelineLoop {
    private var stage: EventStage
    private let census: CensusBoard
    private let stream: EventStream
    private let ledger: EventLedger
    private let sinks: SinkBoard
    private var censusNumber: UInt64 = 0
    /// When a census was last published or asked for, in monotonic nanoseconds.
    private var censusTime: UInt64 = 0
    /// What sources have delivered in this round.
    private var fresh: [ProbeEvent] = []
    private let cookies: NamespaceCookies.Look

    /// How old a census may be while events come: namespaces get the numbers of those that are gone.
    private static let stale: UInt64 = 2_000_000_000
    /// How often a census is asked for that events wait for.
    private static let impatient: UInt64 = 100_000_000

    init(
        stage: EventStage, census: CensusBoard, cookies: @escaping NamespaceCookies.Look, stream: EventStream,
        ledger: EventLedger, sinks: SinkBoard
    ) {
        self.stage = stage
        self.census = census
        self.cookies = cookies
        self.stream = stream
        self.ledger = ledger
        self.sinks = sinks
    }

    /// Goes round until told to stop, then reports what is left.
    ///
    /// - Parameters:
    ///   - sources: what is read.
    ///   - orders: whether to stop, and other limits where they have changed.
    mutating func run(_ sources: SourceReader, orders: () -> (isStopping: Bool, limits: EventLimits?)) {
        var reader = sources
        var isBusy = false
        while true {
            let (isStopping, limits) = orders()
            if let limits { stage.follow(limits) }
            if isStopping { break }
            let hasCalled = isBusy ? false : reader.wait()
            let turn = round(&reader)
            isBusy = turn.isBusy
            // A record that is still being written keeps its buffer readable.
            if hasCalled, turn.events == 0 { usleep(1000) }
        }
        var rounds = 0
        while rounds < 64, round(&reader).isBusy { rounds += 1 }
        stage.flush()
        publish()
    }

    private mutating func round(_ reader: inout SourceReader) -> (events: Int, isBusy: Bool) {
        let newer = census.latest(after: censusNumber)
        reader.follow { fresh.append($0) }
        let turn = reader.drain { fresh.append($0) }
        stage.clock.update()
        // After all of it has happened, and after the census was taken; also when nothing happens, for what comes and goes
        // between two looks is not seen.
        look()
        if let newer {
            censusNumber = newer.number
            censusTime = newer.time.nanoseconds
            stage.add(newer.census)
        }
        for event in fresh { stage.add(event) }
        fresh.removeAll(keepingCapacity: true)
        stage.tick()
        publish()
        let age = stage.clock.now - min(stage.clock.now, censusTime)
        if stage.needsCensus ? age > Self.impatient : turn.events > 0 && age > Self.stale {
            censusTime = stage.clock.now
            census.refresh()
        }
        return turn
    }

    private mutating func look() {
        let begin = stage.clock.now
        let found = cookies()
        stage.clock.update()
        stage.look(found, from: begin, to: stage.clock.now)
    }

    private mutating func publish() {
        let (reports, tallies) = stage.take()
        if !reports.isEmpty {
            stream.publish(reports)
            sinks.offer(reports)
        }
        // Last, so that nothing is counted as reported that no sink has counted yet.
        ledger.add(tallies)
    }
}
