// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopHTTP
import SkoopIdentity
import SkoopSystem
import Synchronization

/// Lists a resource and watches it, on a thread of its own.
final class ResourceWatcher: Sendable {
    private struct State {
        var part: IdentityStatus.Part
        var answers: UInt64 = 0
        var failures: [IdentityStatus.Reason: UInt64] = [:]
        var peer = ""
    }

    /// Where the watch is. Owned by the thread.
    private struct Place {
        /// From which version it goes on; nil where the resource has to be listed.
        var version: String?
        /// Whether it has ever been listed.
        var wasListed = false
        /// Whether it was listed for this connection.
        var isFresh = false
        /// Whether anything has come by this connection's watch.
        var isFruitful = false
        /// Whether the server sends bookmarks.
        var hasBookmarks = false
        /// Which of the paths of the resource the server knows.
        var path = 0
    }

    /// The longest object that is read; the API server's own limit is 3 MB.
    private static let longest = 16 << 20
    let resource: ClusterResource
    private let settings: ClusterSettings
    private let board: ClusterBoard
    private let isStopping: Monitor<Bool>
    private let state: Mutex<State>
    #if HTTPSinks
        private let stream = Mutex<HTTPStream?>(nil)
    #endif

    init(_ resource: ClusterResource, _ settings: ClusterSettings, _ board: ClusterBoard, _ isStopping: Monitor<Bool>) {
        self.resource = resource
        self.settings = settings
        self.board = board
        self.isStopping = isStopping
        state = Mutex(State(part: IdentityStatus.Part(name: resource.rawValue)))
    }

    /// How it goes: the part of the status, how many answers there were, how many attempts have failed, and who answers.
    var report: (IdentityStatus.Part, UInt64, [IdentityStatus.Reason: UInt64], String) {
        let objects = board.table { $0.count(of: resource) }
        return state.withLock { state in
            var part = state.part
            part.objects = objects
            return (part, state.answers, state.failures, state.peer)
        }
    }

    /// Starts the thread.
    func start() throws(SystemError) { _ = try WorkerThread(name: resource.rawValue) { [self] in run() } }

    /// Ends the watch that is under way.
    func cancel() {
        #if HTTPSinks
            stream.withLock { $0 }?.close()
        #endif
    }

    private func fail(_ failure: IdentityStatus.Failure) {
        state.withLock { state in
            state.part.failure = failure
            state.failures[failure.reason, default: 0] += 1
        }
    }

    /// Notes that the server has said something.
    private func hear() {
        state.withLock { state in
            state.part.mode = "events"
            state.part.lastAnswer = SystemClock.wall
            state.part.failure = nil
            state.answers += 1
        }
    }

    private func run() {
        #if HTTPSinks
            var place = Place()
            var retry = settings.pace.firstRetry
            while !isStopping.update({ $0 }) {
                place.isFruitful = false
                place.isFresh = false
                var pause: Duration = .zero
                do throws(IdentityStatus.Failure) {
                    try follow(&place)
                    retry = settings.pace.firstRetry
                } catch {
                    if place.isFruitful { retry = settings.pace.firstRetry }
                    if isStopping.update({ $0 }) { return }
                    fail(error)
                    // So that those who lost one server at one moment do not come to the next at one moment.
                    pause = retry * Double.random(in: 0.5...1.5)
                    retry = min(retry * 2, settings.pace.longestRetry)
                }
                isStopping.wait(until: .now + pause) { $0 ? true : nil }
            }
        #else
            fail(IdentityStatus.Failure(.refused, "this program was built without TLS (the trait HTTPSinks)"))
        #endif
    }

    #if HTTPSinks
        /// Lists where that is needed, and watches until the server ends that.
        private func follow(_ place: inout Place) throws(IdentityStatus.Failure) {
            let access = try ClusterAccess.current(settings)
            let client = HTTPClient(access.endpoint)
            if resource == .pods, state.withLock({ $0.peer.isEmpty }) { greet(client, access) }
            if place.version == nil { try list(client, access, &place) }
            try watch(client, access, &place)
        }

        /// Asks who answers, which everybody may know who may know anything.
        private func greet(_ client: HTTPClient, _ access: ClusterAccess) {
            guard let reply = try? client.get(access.prefix + "/version", limit: .whole(65_536)), reply.status == 200,
                let version = (try? JSONValue(parsing: reply.body))?["gitVersion"]?.string
            else { return }
            state.withLock { $0.peer = "Kubernetes \(version) at \(access.endpoint.target)" }
        }

        private func list(
            _ client: HTTPClient, _ access: ClusterAccess, _ place: inout Place
        ) throws(IdentityStatus.Failure) {
            board.beginList(of: resource)
            // At the start whatever the server has in memory will do; later it must not be older than what is known.
            var query = "limit=\(settings.pace.part)" + (place.wasListed ? "" : "&resourceVersion=0")
            while true {
                let (reply, stream) = try open(client, access, &place, query)
                defer { stream.close() }
                guard reply.status == 200 else { throw refusal(reply, stream) }
                var splitter = JSONSplitter(.elements(of: "items"), longest: Self.longest)
                while true {
                    let bytes = try next(of: stream, within: ClusterAccess.timeout)
                    if bytes.isEmpty { break }
                    try take(bytes, &splitter) { (object) throws(JSONError) in
                        board.update(try ClusterObject(parsing: object), of: resource)
                    }
                }
                let end: ListEnd
                do throws(JSONError) { end = try ListEnd(parsing: splitter.rest) } catch { throw malformed(error) }
                guard end.next.isEmpty else {
                    query = "limit=\(settings.pace.part)&continue=\(Self.escaped(end.next))"
                    continue
                }
                place.version = end.version
                break
            }
            place.wasListed = true
            place.isFresh = true
            board.endList(of: resource)
            board.settle()
            hear()
        }

        private func watch(
            _ client: HTTPClient, _ access: ClusterAccess, _ place: inout Place
        ) throws(IdentityStatus.Failure) {
            let pace = settings.pace
            let length = pace.watch * Double.random(in: 1...1.25)
            let begin = MonotonicTime.now
            let (reply, stream) = try open(
                client, access, &place,
                "watch=1&allowWatchBookmarks=true&resourceVersion=\(Self.escaped(place.version ?? ""))"
                    + "&timeoutSeconds=\(max(1, length.components.seconds))")
            self.stream.withLock { $0 = stream }
            defer {
                self.stream.withLock { $0 = nil }
                stream.close()
            }
            if isStopping.update({ $0 }) { return }
            if reply.status == 410 { return try listAnew(&place) }
            guard reply.status == 200 else {
                // Something may be wrong with the version, which a list mends.
                if (400..<500).contains(reply.status), ![401, 403, 429].contains(reply.status) { place.version = nil }
                throw refusal(reply, stream)
            }
            hear()
            var splitter = JSONSplitter(.objects, longest: Self.longest)
            while true {
                // Who does not send bookmarks may say nothing until the end of the watch.
                let patience = place.hasBookmarks ? pace.silence : max(pace.silence, length + .seconds(15))
                let bytes = try next(of: stream, within: patience)
                guard !bytes.isEmpty else { break }
                var isOver = false
                var failure: IdentityStatus.Failure?
                // What makes no sense now will make none the next time either.
                var last = place.version
                place.version = nil
                try take(bytes, &splitter) { (text) throws(JSONError) in
                    let event = try WatchEvent(parsing: text)
                    switch event.kind {
                    case .added, .modified: board.update(event.object, of: resource)
                    case .deleted: board.remove(event.object, of: resource)
                    case .bookmark: place.hasBookmarks = true
                    case .error where event.object.code == 410: isOver = true
                    case .error:
                        failure = IdentityStatus.Failure(.refused, "\(what): \(event.object.message)")
                    }
                    if event.kind != .error {
                        place.isFruitful = true
                        if !event.object.version.isEmpty { last = event.object.version }
                    }
                }
                place.version = last
                board.settle()
                if let failure { throw failure }
                if isOver { return try listAnew(&place) }
                hear()
            }
            guard MonotonicTime.now.since(begin) > .seconds(1) || place.isFruitful || isStopping.update({ $0 }) else {
                throw IdentityStatus.Failure(.unreachable, "\(what): the server ends the watch at once")
            }
        }

        /// Has the resource listed next, where the server does not know any more what happened after the place.
        private func listAnew(_ place: inout Place) throws(IdentityStatus.Failure) {
            place.version = nil
            guard place.isFruitful || !place.isFresh else {
                throw IdentityStatus.Failure(.refused, "\(what): the server does not know its own version any more")
            }
        }

        /// Asks for the resource; where the server does not know it in its newest version, in an older one.
        private func open(
            _ client: HTTPClient, _ access: ClusterAccess, _ place: inout Place, _ query: String
        ) throws(IdentityStatus.Failure) -> (HTTPReply, HTTPStream) {
            var query = query
            if resource == .pods, settings.scope == .node {
                query += "&fieldSelector=" + Self.escaped("spec.nodeName=" + settings.node)
            }
            do throws(HTTPError) {
                while true {
                    let path = access.prefix + resource.paths[place.path] + "?" + query
                    let (reply, stream) = try client.open(path, accept: "application/json")
                    guard reply.status == 404, place.path + 1 < resource.paths.count else { return (reply, stream) }
                    stream.close()
                    place.path += 1
                }
            } catch { throw IdentityStatus.Failure(error, what) }
        }

        private func next(of stream: HTTPStream, within patience: Duration) throws(IdentityStatus.Failure) -> [UInt8] {
            do throws(HTTPError) {
                return try stream.next(until: .now + patience)
            } catch { throw IdentityStatus.Failure(error, what) }
        }

        private func take(
            _ bytes: [UInt8], _ splitter: inout JSONSplitter, _ body: ([UInt8]) throws(JSONError) -> Void
        ) throws(IdentityStatus.Failure) {
            do throws(JSONError) { try splitter.feed(bytes, body) } catch { throw malformed(error) }
        }

        private func malformed(_ error: JSONError) -> IdentityStatus.Failure {
            IdentityStatus.Failure(.malformed, "\(what): \(error)")
        }

        /// Why the server does not answer with success.
        private func refusal(_ reply: HTTPReply, _ stream: HTTPStream) -> IdentityStatus.Failure {
            var body: [UInt8] = []
            while body.count < 65_536, let bytes = try? stream.next(until: .now + ClusterAccess.timeout), !bytes.isEmpty
            {
                body += bytes
            }
            let message = (try? ClusterObject(parsing: body))?.message ?? ""
            let reason: IdentityStatus.Reason =
                switch reply.status {
                case 401: .credentials
                case 403: .denied
                case 408, 504: .timeout
                default: .refused
                }
            return IdentityStatus.Failure(
                reason, "\(what): status \(reply.status)" + (message.isEmpty ? "" : ", \(message)"))
        }

        private var what: String { resource.rawValue }

        /// A value of a query (RFC 3986 section 2.3).
        private static func escaped(_ text: String) -> String {
            text.utf8.reduce(into: "") { result, byte in
                let scalar = Unicode.Scalar(byte)
                if scalar.isASCII,
                    scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte)
                {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            }
        }
    #endif
}
