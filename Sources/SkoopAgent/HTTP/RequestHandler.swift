// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import NIOCore
    import NIOHTTP1
    import SkoopCompression
    import SkoopEvents
    import SkoopExport

    /// Answers the requests of one connection, one after the other.
    ///
    /// A page is sent piece by piece: the next is made when the kernel has taken the last, so that a connection holds one
    /// piece however long the page and however slow the client.
    final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let site: Site
        private var isCounted = false
        private var request: HTTPRequestHead?
        private var keepsAlive = true
        private var page: PageStream?
        private var feed: EventFeed?
        private var timer: Scheduled<Void>?

        init(_ site: Site) { self.site = site }

        func channelActive(context: ChannelHandlerContext) {
            isCounted = site.enter()
            if isCounted { arm(site.timeouts.request, context.channel) } else { context.close(promise: nil) }
            context.fireChannelActive()
        }

        func channelInactive(context: ChannelHandlerContext) {
            timer?.cancel()
            if isCounted { site.leave() }
            endPage()
            endFeed()
            context.fireChannelInactive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = head
            case .body: break
            case .end:
                guard let head = request else { return }
                timer?.cancel()
                answer(head, context.channel)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ head: HTTPRequestHead, _ channel: any Channel) {
            site.agent.log.debug("\(site.endpoint.rawValue): \(head.method.rawValue) \(head.uri)")
            let answer = Answer(to: head, from: site.agent, site.endpoint)
            if case .events(let wanted) = answer, head.method == .GET, let stream = site.agent.events?.stream {
                return send(answer, wanted, stream, to: head, channel)
            }
            switch (answer, head.method) {
            case (.page, .GET), (.evidence, .GET): break
            default: return send(answer, to: head, channel)
            }
            guard site.beginScrape() else {
                let limit = site.agent.configuration.limits.scrapes
                let message = "\(limit) scrapes are under way, the most that limits.scrapes allows"
                return send(.line(.serviceUnavailable, message), to: head, channel)
            }
            let loop = channel.eventLoop
            let this = NIOLoopBound(self, eventLoop: loop)
            let site = site
            guard case .page(let choice, let coding) = answer else {
                return site.agent.record { recording in
                    loop.execute {
                        site.endScrape()
                        guard let recording, channel.isActive else { return channel.close(promise: nil) }
                        this.value.send(.bytes(contentType: Answer.recording, recording), to: head, channel)
                    }
                }
            }
            site.agent.collector.request { collection in
                loop.execute {
                    guard let collection, channel.isActive else {
                        site.endScrape()
                        return channel.close(promise: nil)
                    }
                    do throws(CompressionError) {
                        this.value.page = PageStream(
                            collection.snapshot, as: choice.format, compressor: try coding.compressor(),
                            compatNames: site.agent.configuration.metrics.compatNames, encoder: site.takeEncoder())
                        this.value.keepsAlive = answer.keepsAlive(head)
                        this.value.write(.head(answer.head(to: head)), channel)
                        this.value.sendNext(channel)
                    } catch {
                        site.endScrape()
                        this.value.send(.line(.internalServerError, "\(error)"), to: head, channel)
                    }
                }
            }
        }

        /// Sends an answer whose body is known.
        private func send(_ answer: Answer, to head: HTTPRequestHead, _ channel: any Channel) {
            keepsAlive = answer.keepsAlive(head)
            write(.head(answer.head(to: head)), channel)
            switch answer {
            case .text(_, _, let body) where head.method != .HEAD:
                write(.body(.byteBuffer(channel.allocator.buffer(string: body))), channel)
            case .bytes(_, let body): write(.body(.byteBuffer(channel.allocator.buffer(bytes: body))), channel)
            case .text, .page, .events, .evidence: break
            }
            finish(channel)
        }

        /// Sends events until the client, or the stream, comes to its end.
        private func send(
            _ answer: Answer, _ wanted: EventRequest, _ stream: EventStream, to head: HTTPRequestHead,
            _ channel: any Channel
        ) {
            keepsAlive = answer.keepsAlive(head)
            let feed = EventFeed(wanted, stream, channel, heartbeat: site.timeouts.heartbeat) { [unowned self] in
                endFeed()
                finish(channel)
            }
            self.feed = feed
            // At once: a client wants to know that it is connected before the first event.
            channel.writeAndFlush(HTTPServerResponsePart.head(answer.head(to: head)), promise: nil)
            feed.send()
        }

        /// Sends the next piece of the page and, when the kernel has taken it, the one after it.
        private func sendNext(_ channel: any Channel) {
            let piece: ByteBuffer?
            do throws(CompressionError) {
                piece = try page?.next(channel.allocator) ?? nil
            } catch {
                // The status is sent; only breaking off tells the client that the page is not whole.
                return channel.close(promise: nil)
            }
            guard let piece else {
                endPage()
                return finish(channel)
            }
            arm(site.timeouts.send, channel)
            let this = NIOLoopBound(self, eventLoop: channel.eventLoop)
            channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).whenSuccess {
                // Through the loop's queue, so that other connections have their turn.
                channel.eventLoop.execute { this.value.sendNext(channel) }
            }
        }

        private func finish(_ channel: any Channel) {
            request = nil
            guard channel.isActive else { return }
            arm(site.timeouts.send, channel)
            let this = NIOLoopBound(self, eventLoop: channel.eventLoop)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
                if !this.value.keepsAlive { return channel.close(promise: nil) }
                // The next request may have begun while the end was written.
                if this.value.request == nil { this.value.arm(this.value.site.timeouts.request, channel) }
            }
        }

        private func endFeed() {
            feed?.cancel()
            feed = nil
        }

        private func endPage() {
            guard let ended = page.take() else { return }
            site.keep(ended.encoder)
            site.endScrape()
        }

        private func write(_ part: HTTPServerResponsePart, _ channel: any Channel) {
            channel.write(part, promise: nil)
        }

        /// Closes the connection after a while, unless armed again or cancelled.
        private func arm(_ timeout: Duration, _ channel: any Channel) {
            timer?.cancel()
            timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
        }
    }
#endif
