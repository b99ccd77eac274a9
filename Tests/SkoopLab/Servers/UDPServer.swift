// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SkoopSystem
import Synchronization

/// A UDP server of one of the lab's hosts, one thread that answers in the order of arrival what is not to be answered later. It ends when the value goes.
public struct UDPServer: ~Copyable, Sendable {
    /// Where it is bound.
    public let endpoint: Endpoint
    private let state: State

    /// What goes back to a client.
    public struct Answer: Sendable, Hashable {
        /// The datagram's content.
        public var bytes: [UInt8]
        /// How long after the request; others are answered meanwhile.
        public var delay: Duration

        /// Makes an answer.
        public init(_ bytes: [UInt8], after delay: Duration = .zero) {
            self.bytes = bytes
            self.delay = delay
        }
    }

    /// Starts a server at the host's address.
    ///
    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - receiveBuffer: bytes for `SO_RCVBUF`.
    ///   - answer: makes the answer to a datagram, or none; called in the server's thread.
    public init(
        in host: LabHost, _ family: IPFamily, port: UInt16 = 0, receiveBuffer: Int? = nil,
        _ answer: @escaping @Sendable (_ request: UDPSocket.Datagram) -> Answer?
    ) throws {
        let socket = try UDPSocket(in: host, family, port: port, receiveBuffer: receiveBuffer)
        let endpoint = socket.local
        let state = State(socket)
        try host.startThread("lab-udp", in: state.group) { state.run(host, answer) }
        self.endpoint = endpoint
        self.state = state
    }

    /// Starts a server that sends back what arrives.
    public static func echo(in host: LabHost, _ family: IPFamily, port: UInt16 = 0) throws -> UDPServer {
        try UDPServer(in: host, family, port: port) { Answer($0.bytes) }
    }

    /// How many datagrams it has received.
    public var received: Int { state.received.load(ordering: .relaxed) }

    deinit { state.stop() }

    private final class State: Sendable {
        let socket: UDPSocket
        let received = Atomic<Int>(0)
        let group = DispatchGroup()
        private let isStopped = Atomic<Bool>(false)

        init(_ socket: consuming UDPSocket) { self.socket = socket }

        func run(_ host: LabHost, _ answer: (UDPSocket.Datagram) -> Answer?) {
            while !isStopped.load(ordering: .acquiring) {
                // An error here was an ICMP message about an earlier answer.
                guard let request = try? socket.receive() else { continue }
                received.add(1, ordering: .relaxed)
                guard let answer = answer(request) else { continue }
                guard answer.delay > .zero else {
                    try? socket.send(answer.bytes, to: request.sender)
                    continue
                }
                try? host.startThread("lab-later", in: group) { [self] in
                    pause(answer.delay)
                    try? socket.send(answer.bytes, to: request.sender)
                }
            }
        }

        func stop() {
            isStopped.store(true, ordering: .releasing)
            // Fails for what is not connected, and wakes whoever waits all the same.
            shutdown(socket.socket.rawValue, CInt(SHUT_RDWR))
            group.wait()
        }
    }
}
