// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import SkoopSystem
    import Synchronization

    /// Asks one server over one connection, which is kept and made anew when it is gone.
    ///
    /// Calls block the thread, and wait for each other. Every connection looks the name up again, reads the files of
    /// certificates again, and tries all addresses of both IP versions.
    package final class HTTPClient: Sendable {
        /// How much of an answer is wanted.
        package enum Limit: Sendable, Hashable {
            /// So many bytes of its beginning, whatever follows.
            case beginning(Int)
            /// All of it; more bytes are an error.
            case whole(Int)

            var bytes: Int {
                switch self {
                case .beginning(let bytes), .whole(let bytes): bytes
                }
            }
            var isWhole: Bool { self == .whole(bytes) }
        }

        private struct Connection {
            var channel: any Channel
            var lastUse: MonotonicTime
        }

        /// The server.
        package let endpoint: HTTPEndpoint
        private let connection = Mutex<Connection?>(nil)

        /// The thread of all connections; it lives as long as the process.
        private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        /// After this long without a request a connection is not used again: servers close idle ones, and a request that
        /// meets the end of its connection would fail.
        private static let longestIdle: Duration = .seconds(25)

        /// Makes a client; it connects when something is asked.
        package init(_ endpoint: HTTPEndpoint) { self.endpoint = endpoint }

        deinit { connection.withLock { $0?.channel.close(promise: nil) } }

        /// Gets a page.
        ///
        /// - Parameters:
        ///   - path: path and query, instead of those of the target.
        ///   - limit: how much of the answer is wanted.
        package func get(_ path: String, limit: Limit) throws(HTTPError) -> HTTPReply {
            try send(.GET, path, ["Accept": "text/plain, */*"], ByteBuffer(), limit)
        }

        /// Sends a body and waits for the answer, whatever it is.
        ///
        /// - Parameters:
        ///   - body: the body.
        ///   - fields: what is said of it, for example its type.
        ///   - limit: how much of the answer is wanted.
        package func post(
            _ body: [UInt8], _ fields: [(String, String)], limit: Limit
        ) throws(HTTPError) -> HTTPReply {
            try send(
                .POST, endpoint.target.path, HTTPHeaders(fields + [("Content-Length", "\(body.count)")]),
                ByteBuffer(bytes: body), limit)
        }

        /// Gets a page that comes bit by bit, over a connection of its own.
        ///
        /// - Parameters:
        ///   - path: path and query, instead of those of the target.
        ///   - type: the wanted type of the content.
        /// - Returns: the answer without its body, and that. Connecting and the beginning of the answer have the time of
        ///   the endpoint.
        package func open(_ path: String, accept type: String) throws(HTTPError) -> (reply: HTTPReply, body: HTTPStream)
        {
            let head = try head(.GET, path, ["Accept": type])
            let channel = try connect()
            let stream = HTTPStream(channel)
            let reply = channel.eventLoop.makePromise(of: HTTPReply.self)
            let request = HTTPRequest(
                head: head, body: ByteBuffer(), timeout: TimeAmount(endpoint.timeout), limit: .beginning(0),
                reply: reply, stream: stream)
            channel.writeAndFlush(request).cascadeFailure(to: reply)
            do {
                return (try reply.futureResult.wait(), stream)
            } catch {
                stream.close()
                throw .transport(error)
            }
        }

        private func head(
            _ method: HTTPMethod, _ path: String, _ fields: HTTPHeaders
        ) throws(HTTPError) -> HTTPRequestHead {
            var headers: HTTPHeaders = ["Host": endpoint.target.authority, "User-Agent": "skoop"]
            headers.add(contentsOf: fields)
            if let field = try endpoint.credentials.field() { headers.add(name: "Authorization", value: field) }
            for (name, value) in endpoint.headers { headers.add(name: name, value: value) }
            return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        }

        private func send(
            _ method: HTTPMethod, _ path: String, _ fields: HTTPHeaders, _ body: ByteBuffer, _ limit: Limit
        ) throws(HTTPError) -> HTTPReply {
            let head = try head(method, path, fields)
            return try connection.withLock { (connection) throws(HTTPError) in
                let channel = try usable(&connection)
                let reply = channel.eventLoop.makePromise(of: HTTPReply.self)
                let request = HTTPRequest(
                    head: head, body: body, timeout: TimeAmount(endpoint.timeout), limit: limit, reply: reply)
                channel.writeAndFlush(request).cascadeFailure(to: reply)
                do {
                    let answer = try reply.futureResult.wait()
                    connection?.lastUse = .now
                    // It is closed by the exchange, which takes a while, with TLS until the other side agrees.
                    if answer.isLast { connection = nil }
                    return answer
                } catch {
                    connection = nil
                    channel.close(promise: nil)
                    throw .transport(error)
                }
            }
        }

        private func usable(_ connection: inout Connection?) throws(HTTPError) -> any Channel {
            if let connection, connection.channel.isActive,
                MonotonicTime.now.since(connection.lastUse) < Self.longestIdle
            {
                return connection.channel
            }
            connection?.channel.close(promise: nil)
            connection = nil
            let channel = try connect()
            connection = Connection(channel: channel, lastUse: .now)
            return channel
        }

        private func connect() throws(HTTPError) -> any Channel {
            let target = endpoint.target
            let timeout = TimeAmount(endpoint.timeout)
            let context = target.isSecure ? try endpoint.tls.context() : nil
            let name = Self.name(endpoint.tls.serverName ?? target.host)
            let ready = Self.group.any().makePromise(of: Void.self)
            let bootstrap = ClientBootstrap(group: Self.group)
                .connectTimeout(timeout)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let context {
                            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                        }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(HTTPExchange(isSecure: target.isSecure, ready: ready))
                    }
                }
            let opening = bootstrap.connect(host: target.host, port: Int(target.port))
            opening.whenFailure { ready.fail($0) }
            // Covers the handshake, and a resolver that takes longer than any connection.
            let timer = ready.futureResult.eventLoop.scheduleTask(in: timeout) {
                ready.fail(HTTPExchangeError.timeout)
            }
            do {
                try ready.futureResult.wait()
                timer.cancel()
                return try opening.wait()
            } catch {
                opening.whenSuccess { $0.close(promise: nil) }
                throw .transport(error)
            }
        }

        /// A host where it is a name, which is shown in the handshake; nil for an address, which is not.
        private static func name(_ host: String) -> String? {
            (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
        }
    }
#endif
