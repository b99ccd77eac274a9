// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SkoopSystem
import Synchronization

/// A flood of datagrams to a port where nobody reads, which keeps the receive softirq busy until the value goes.
public struct SoftirqPressure: ~Copyable, Sendable {
    /// Where the flood goes.
    public let server: Endpoint
    private let state: State

    fileprivate init(from client: LabHost, to receiver: consuming UDPSocket, threads: Int) throws {
        let family = receiver.local.family
        server = receiver.local
        let state = State(receiver)
        self.state = state
        let target = server
        for _ in 0..<threads {
            let sender = try SharedDatagrams(UDPSocket(in: client, family))
            try client.startThread("lab-flood", in: state.group) { state.run(sender, target) }
        }
    }

    /// How many datagrams were sent.
    public var sent: Int { state.sent.load(ordering: .relaxed) }

    deinit {
        state.isStopped.store(true, ordering: .releasing)
        state.group.wait()
    }

    private final class State: Sendable {
        let receiver: UDPSocket
        let sent = Atomic<Int>(0)
        let isStopped = Atomic<Bool>(false)
        let group = DispatchGroup()

        init(_ receiver: consuming UDPSocket) { self.receiver = receiver }

        func run(_ sender: SharedDatagrams, _ target: Endpoint) {
            let bytes = [UInt8](repeating: 0, count: 100)
            while !isStopped.load(ordering: .relaxed) {
                if (try? sender.socket.send(bytes, to: target)) != nil { sent.add(1, ordering: .relaxed) }
            }
        }
    }

    private final class SharedDatagrams: Sendable {
        let socket: UDPSocket
        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }
}

extension FaultLab {
    /// Floods the server with datagrams.
    ///
    /// - Parameter threads: how many send; as many as there are processors keep all of them busy.
    public func pressSoftirqs(_ family: IPFamily, threads: Int = 1) throws -> SoftirqPressure {
        try SoftirqPressure(from: client, to: UDPSocket(in: server, family, receiveBuffer: 1), threads: threads)
    }
}
