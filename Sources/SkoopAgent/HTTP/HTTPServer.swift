// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Glibc
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import SkoopSystem
    import Synchronization

    /// One of the agent's HTTP endpoints, on one thread.
    public final class HTTPServer: Sendable {
        /// What is served.
        public enum Endpoint: String, Sendable, Hashable {
            /// `/metrics` and `/status`: nothing that says who talks to whom at the moment.
            case metrics
            /// `/events` besides; for addresses that only administrators reach.
            case admin
        }

        /// How long clients may take.
        public struct Timeouts: Sendable, Hashable {
            /// From the beginning of a connection or the end of a response to the end of the next request.
            public var request: Duration = .seconds(120)
            /// To take the next piece of a response.
            public var send: Duration = .seconds(10)
            /// For responses under way when the server stops.
            public var drain: Duration = .seconds(3)
            /// After which an event stream without events shows that it lives.
            public var heartbeat: Duration = .seconds(15)

            /// Makes the usual timeouts.
            public init() {}
        }

        /// Where it listens; the port is the real one where the kernel was to choose.
        public let address: ListenAddress
        private let group: MultiThreadedEventLoopGroup
        private let listener: any Channel
        private let site: Site
        private let isStopped = Atomic(false)

        /// Starts to listen.
        ///
        /// - Parameters:
        ///   - agent: whose pages are served.
        ///   - address: where to listen. The directory of a Unix socket is made, a socket nobody listens on replaced.
        ///     A Unix socket of the endpoint ``Endpoint/admin`` is for its owner and group only.
        ///   - endpoint: what is served.
        ///   - timeouts: how long clients may take.
        /// - Throws: why it cannot listen there.
        public init(
            _ agent: Agent, address: ListenAddress, endpoint: Endpoint = .metrics, timeouts: Timeouts = Timeouts()
        ) throws(ListenError) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let site = Site(agent: agent, endpoint: endpoint, timeouts: timeouts)
            let bootstrap = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 128)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        // The encoder does not know that an answer to HEAD has no body, the handler does.
                        var encoder = HTTPResponseEncoder.Configuration()
                        encoder.automaticallySetFramingHeaders = false
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                            withEncoderConfiguration: encoder)
                        try channel.pipeline.syncOperations.addHandler(RequestHandler(site))
                    }
                }
            do {
                listener = try Self.bind(bootstrap, group: group, to: address)
                if endpoint == .admin, case .unix(let path) = address { chmod(path, 0o660) }
            } catch {
                try? group.syncShutdownGracefully()
                throw ListenError(address, Self.reason(error), key: endpoint == .admin ? "admin" : "address")
            }
            self.group = group
            self.site = site
            if case .tcp(let host, _) = address, let port = listener.localAddress?.port {
                self.address = .tcp(host: host, port: UInt16(port))
            } else {
                self.address = address
            }
        }

        /// How much there is to do now.
        var load: Site.Load { site.load.update { $0 } }

        /// Stops listening, lets responses under way end, then closes every connection. Once is enough.
        public func stop() {
            guard !isStopped.exchange(true, ordering: .relaxed) else { return }
            try? listener.close().wait()
            let deadline = MonotonicTime.now + site.timeouts.drain
            site.load.wait(until: deadline) { $0.scrapes == 0 ? true : nil }
            try? group.syncShutdownGracefully()
            if case .unix(let path) = address { unlink(path) }
        }

        private static func bind(
            _ bootstrap: ServerBootstrap, group: MultiThreadedEventLoopGroup, to address: ListenAddress
        ) throws -> any Channel {
            switch address {
            case .unix(let path):
                try makeDirectories(above: path)
                // Whoever answers there is alive, and its socket no leftover.
                let other = try? ClientBootstrap(group: group).connect(unixDomainSocketPath: path).wait()
                if let other {
                    try? other.close().wait()
                    throw IOError(errnoCode: EADDRINUSE, reason: "bind")
                }
                return try bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).wait()
            case .tcp("", let port):
                do {
                    // Both IP versions on one socket.
                    return try bootstrap.bind(host: "::", port: Int(port)).wait()
                } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                    return try bootstrap.bind(host: "0.0.0.0", port: Int(port)).wait()
                }
            case .tcp(let host, let port):
                return try bootstrap.bind(host: host, port: Int(port)).wait()
            }
        }

        private static func makeDirectories(above path: String) throws {
            for position in path.indices.dropFirst() where path[position] == "/" {
                if mkdir(String(path[..<position]), 0o755) != 0, ![EEXIST, EROFS].contains(errno) {
                    throw IOError(errnoCode: errno, reason: "mkdir")
                }
            }
        }

        private static func reason(_ error: any Error) -> String {
            switch error {
            case let error as IOError where error.errnoCode == EADDRINUSE:
                "another process listens there; allowed is any free \(ListenAddress.allowed)"
            case let error as IOError where [EACCES, EPERM].contains(error.errnoCode):
                "permission denied; a port below 1024 needs CAP_NET_BIND_SERVICE, a Unix socket a writable directory"
            case let error as IOError where error.errnoCode == EADDRNOTAVAIL: Self.noSuchAddress
            case let error as IOError: SystemError("bind", errno: error.errnoCode).description
            case is UnixDomainSocketPathWrongType:
                "the file there is no socket and is not replaced; allowed is a path where there is nothing or a socket "
                    + "nobody listens on"
            case is SocketAddressError, is SocketAddressError.UnknownHost: Self.noSuchAddress
            default: "\(error)"
            }
        }

        private static let noSuchAddress =
            "this machine has no such address; allowed are its own, or none for all of them"
    }
#endif
