// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import SkoopCompression
    import SkoopEvents
    import SkoopSystem

    /// Posts bodies to one URL over one connection, which is kept and made anew when it is gone.
    ///
    /// Only the sink's thread touches it; calls block that thread. Every connection looks the name up again, reads the
    /// files of certificates again, and tries all addresses of both IP versions.
    final class HTTPClient: @unchecked Sendable {
        let settings: HTTPSettings
        private let contentType: String
        private var channel: (any Channel)?
        private var lastUse = MonotonicTime(nanoseconds: 0)
        private var compressor: CompressorHolder?

        /// The thread of all connections; it lives as long as the process.
        private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        /// After this long without a request a connection is not used again: servers close idle ones, and a request that
        /// meets the end of its connection would fail.
        private static let longestIdle: Duration = .seconds(25)

        init(_ settings: HTTPSettings, contentType: String) throws(SinkError) {
            self.settings = settings
            self.contentType = contentType
            do throws(CompressionError) {
                compressor = settings.isCompressed ? try CompressorHolder() : nil
            } catch { throw SinkError(.failed, error.description) }
        }

        deinit { channel?.close(promise: nil) }

        /// What must not be repeated in messages; those that cannot be read now need not be hidden.
        var secrets: [String] {
            let own: [String] =
                switch settings.credentials {
                case .none: []
                case .bearer(let token): [(try? token.value()) ?? ""]
                case .basic(let name, let password):
                    [(try? password.value()) ?? ""].flatMap { [$0, base64("\(name):\($0)".utf8)] }
                }
            return own + settings.headers.map(\.value)
        }

        /// Sends a body and waits for the answer, whatever it is.
        func post(_ body: [UInt8]) throws(SinkError) -> HTTPReply {
            let body = try compressed(body)
            let head = try requestHead(length: body.count)
            let channel = try connection()
            let reply = channel.eventLoop.makePromise(of: HTTPReply.self)
            let request = HTTPRequest(
                head: head, body: ByteBuffer(bytes: body), timeout: TimeAmount(settings.timeout), reply: reply)
            channel.writeAndFlush(request).cascadeFailure(to: reply)
            do {
                let answer = try reply.futureResult.wait()
                lastUse = .now
                return answer
            } catch {
                self.channel = nil
                channel.close(promise: nil)
                throw sinkError(error)
            }
        }

        private func requestHead(length: Int) throws(SinkError) -> HTTPRequestHead {
            let target = settings.target
            var headers: HTTPHeaders = ["Host": target.authority, "User-Agent": "skoop", "Content-Type": contentType]
            headers.add(name: "Content-Length", value: "\(length)")
            switch settings.credentials {
            case .none: break
            case .bearer(let token): headers.add(name: "Authorization", value: "Bearer " + (try token.value()))
            case .basic(let name, let password):
                headers.add(
                    name: "Authorization", value: "Basic " + base64("\(name):\(try password.value())".utf8))
            }
            if let tenant = settings.tenant { headers.add(name: "X-Scope-OrgID", value: tenant) }
            for (name, value) in settings.headers { headers.add(name: name, value: value) }
            if compressor != nil { headers.add(name: "Content-Encoding", value: "gzip") }
            return HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: headers)
        }

        private func compressed(_ body: [UInt8]) throws(SinkError) -> [UInt8] {
            guard let compressor else { return body }
            do throws(CompressionError) {
                return try compressor.compress(body)
            } catch {
                self.compressor = nil
                throw SinkError(.failed, error.description)
            }
        }

        private func connection() throws(SinkError) -> any Channel {
            if let channel, channel.isActive, MonotonicTime.now.since(lastUse) < Self.longestIdle { return channel }
            channel?.close(promise: nil)
            channel = nil
            let target = settings.target
            let context = target.isSecure ? try tlsContext() : nil
            let ready = Self.group.any().makePromise(of: Void.self)
            let bootstrap = ClientBootstrap(group: Self.group)
                .connectTimeout(TimeAmount(settings.timeout))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let context {
                            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: target.name))
                        }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(HTTPExchange(isSecure: target.isSecure, ready: ready))
                    }
                }
            let opening = bootstrap.connect(host: target.host, port: Int(target.port))
            opening.whenFailure { ready.fail($0) }
            // Covers the handshake, and a resolver that takes longer than any connection.
            let timer = ready.futureResult.eventLoop.scheduleTask(in: TimeAmount(settings.timeout)) {
                ready.fail(HTTPExchangeError.timeout)
            }
            do {
                try ready.futureResult.wait()
                timer.cancel()
                let channel = try opening.wait()
                self.channel = channel
                lastUse = .now
                return channel
            } catch {
                opening.whenSuccess { $0.close(promise: nil) }
                throw sinkError(error)
            }
        }

        private func tlsContext() throws(SinkError) -> NIOSSLContext {
            let tls = settings.tls
            do {
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.minimumTLSVersion = .tlsv12
                if let file = tls.caFile { configuration.trustRoots = .file(file) }
                if tls.isUnverified { configuration.certificateVerification = .none }
                if let identity = tls.identity {
                    configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificate)
                        .map { .certificate($0) }
                    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.key, format: .pem))
                }
                return try NIOSSLContext(configuration: configuration)
            } catch {
                let files = [tls.caFile, tls.certFile, tls.keyFile].compactMap { $0 }.joined(separator: ", ")
                let what = files.isEmpty ? "the system's certificates" : files
                // Files may come later, as secrets of a cluster do.
                throw SinkError(.unreachable, "\(what): cannot be used for TLS: \(error)")
            }
        }

        private func sinkError(_ error: any Error) -> SinkError { .transport(error, to: settings.target) }
    }

    /// The state of gzip between requests.
    private final class CompressorHolder {
        private var compressor: Compressor

        init() throws(CompressionError) { compressor = try Compressor(.gzip) }

        func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
            var output: [UInt8] = []
            try compressor.compress(bytes.span, into: &output)
            try compressor.finish(into: &output)
            return output
        }
    }

    extension HTTPTarget {
        /// The host where it is a name, which is shown in the handshake; nil for an address, which is not.
        fileprivate var name: String? {
            (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
        }
    }
#endif
