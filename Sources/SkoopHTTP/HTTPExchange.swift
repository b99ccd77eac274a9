// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    import NIOHTTP1
    import NIOTLS

    /// A request and who waits for its answer.
    struct HTTPRequest: Sendable {
        var head: HTTPRequestHead
        var body: ByteBuffer
        var timeout: TimeAmount
        var limit: HTTPClient.Limit
        /// With a stream, it has what comes before the body.
        var reply: EventLoopPromise<HTTPReply>
        /// Takes the body as it comes; nil where it is gathered.
        var stream: HTTPStream?
    }

    /// Why there is no answer, where the connection itself has no error.
    enum HTTPExchangeError: Error {
        /// The other side has ended the connection.
        case closed
        /// There was no answer in time.
        case timeout
        /// The body is longer than is wanted.
        case tooLarge
    }

    /// The last handler of a connection: sends one request after the other, and gathers the answer.
    final class HTTPExchange: ChannelDuplexHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundIn = HTTPRequest
        typealias OutboundOut = HTTPClientRequestPart

        private let isSecure: Bool
        private let ready: EventLoopPromise<Void>
        private var waiting: EventLoopPromise<HTTPReply>?
        private var timer: Scheduled<Void>?
        private var reply = HTTPReply()
        private var limit = HTTPClient.Limit.beginning(0)
        private var stream: HTTPStream?

        /// - Parameter ready: is told when requests can be sent, or why they cannot.
        init(isSecure: Bool, ready: EventLoopPromise<Void>) {
            self.isSecure = isSecure
            self.ready = ready
        }

        func channelActive(context: ChannelHandlerContext) {
            if !isSecure { ready.succeed() }
            context.fireChannelActive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
            context.fireUserInboundEventTriggered(event)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let request = unwrapOutboundIn(data)
            waiting = request.reply
            reply = HTTPReply()
            limit = request.limit
            stream = request.stream
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: request.timeout) {
                self.end(.failure(HTTPExchangeError.timeout))
                context.close(promise: nil)
            }
            context.write(wrapOutboundOut(.head(request.head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
            context.write(wrapOutboundOut(.end(nil)), promise: promise)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                reply.status = Int(head.status.code)
                reply.retryAfter = head.headers.first(name: "Retry-After")
                reply.location = head.headers.first(name: "Location")
                reply.contentType = head.headers.first(name: "Content-Type") ?? ""
                reply.isLast = !head.isKeepAlive
                if stream != nil { end(.success(reply)) }
            case .body(let buffer):
                if let stream { return stream.take(buffer) }
                let room = limit.bytes - reply.body.count
                reply.body += buffer.readableBytesView.prefix(room)
                // Nobody wants to read more, and so the next answer would not be found.
                if buffer.readableBytes > room {
                    reply.isLast = true
                    end(limit.isWhole ? .failure(HTTPExchangeError.tooLarge) : .success(reply))
                    context.close(promise: nil)
                }
            case .end:
                finishStream(nil)
                end(.success(reply))
                if reply.isLast { context.close(promise: nil) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            ready.fail(HTTPExchangeError.closed)
            fail(HTTPExchangeError.closed)
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            ready.fail(error)
            fail(error)
            context.close(promise: nil)
        }

        private func fail(_ error: any Error) {
            end(.failure(error))
            finishStream(error)
        }

        private func finishStream(_ error: (any Error)?) {
            // The last reference to it closes the channel, which calls back: not while the property is written.
            let last = stream
            stream = nil
            last?.finish(error)
        }

        private func end(_ result: Result<HTTPReply, any Error>) {
            timer?.cancel()
            timer = nil
            waiting?.completeWith(result)
            waiting = nil
        }
    }
#endif
