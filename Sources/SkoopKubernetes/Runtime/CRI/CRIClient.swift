// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import GRPCProtobuf
    import SkoopIdentity
    import SkoopSystem
    import SwiftProtobuf
    import Synchronization

    /// Asks a runtime by the Container Runtime Interface, version v1 or, where that is not known, v1alpha2.
    ///
    /// The two differ in the name of the service only; see k8s.io/cri-api.
    final class CRIClient: RuntimeClient {
        private static let services = ["runtime.v1.RuntimeService", "runtime.v1alpha2.RuntimeService"]
        /// How long a call may take.
        private static let timeout: Duration = .seconds(5)
        /// More than ten thousand pods with long labels.
        private static let longestAnswer = 64 << 20
        private static let executor = Result { () throws(SystemError) in try ThreadExecutor(name: "cri") }

        private let client: GRPCClient<HTTP2ClientTransport.Posix>
        private let executor: ThreadExecutor
        private let tasks: Mutex<[Task<Void, any Error>]>
        /// The position in ``services`` of the one that has answered.
        private let service = Mutex(0)

        /// Begins to connect.
        ///
        /// - Parameter path: the runtime's socket.
        init(path: String) throws(IdentityStatus.Failure) {
            do {
                executor = try Self.executor.get()
                let transport = try HTTP2ClientTransport.Posix(
                    // Servers refuse a path as the name of a host.
                    target: .unixDomainSocket(path: path, authority: "localhost"), transportSecurity: .plaintext)
                let client = GRPCClient(transport: transport)
                self.client = client
                tasks = Mutex([Task(executorPreference: executor) { try await client.runConnections() }])
            } catch {
                throw IdentityStatus.Failure(.unreachable, "\(error)")
            }
        }

        func close() {
            client.beginGracefulShutdown()
            tasks.withLock { tasks in
                for task in tasks { task.cancel() }
                tasks = []
            }
        }

        func greeting() throws(IdentityStatus.Failure) -> String {
            var last = IdentityStatus.Failure(.refused, "no version of the CRI is known")
            for (position, name) in Self.services.enumerated() {
                service.withLock { $0 = position }
                do throws(IdentityStatus.Failure) {
                    let answer: CRIVersionResponse = try call("Version", CRIVersionRequest())
                    let version = name.split(separator: ".")[1]
                    return "\(answer.runtimeName) \(answer.runtimeVersion), CRI \(version)"
                } catch {
                    last = error
                    guard error.reason == .refused else { break }
                }
            }
            throw last
        }

        func pods() throws(IdentityStatus.Failure) -> [Pod] {
            // Sandboxes first: a container that is made in between is of a sandbox that is not listed, and is left out.
            let sandboxes: CRIListPodSandboxResponse = try call("ListPodSandbox", CRIListPodSandboxRequest())
            let containers: CRIListContainersResponse = try call("ListContainers", CRIListContainersRequest())
            return Pod.pods(sandboxes.items, containers.containers)
        }

        func networkNamespace(of pod: Pod) throws(IdentityStatus.Failure) -> String? {
            let request = CRIPodSandboxStatusRequest.with {
                $0.podSandboxID = pod.sandbox
                $0.verbose = true
            }
            let answer: CRIPodSandboxStatusResponse = try call("PodSandboxStatus", request)
            return try SandboxInfo.networkNamespace(in: answer.info)
        }

        func follow(_ body: @escaping @Sendable (RuntimeNews) -> Void) {
            let (client, method) = (client, method("GetContainerEvents"))
            let task = Task<Void, any Error>(executorPreference: executor) {
                do {
                    try await client.serverStreaming(
                        request: ClientRequest(message: CRIGetEventsRequest()), descriptor: method,
                        serializer: ProtobufSerializer<CRIGetEventsRequest>(),
                        deserializer: ProtobufDeserializer<CRIContainerEventResponse>(), options: Self.options
                    ) { response in
                        for try await _ in response.messages { body(.change) }
                    }
                    body(.end(IdentityStatus.Failure(.unreachable, "the stream of events has ended")))
                } catch let error as RPCError where error.code == .unimplemented {
                    body(.unsupported)
                } catch {
                    body(.end(Self.failure(error)))
                }
            }
            tasks.withLock { $0.append(task) }
        }

        /// Asks, and once more where the connection breaks: nothing that is asked changes anything.
        private func call<Request: SwiftProtobuf.Message, Answer: SwiftProtobuf.Message>(
            _ name: String, _ request: Request
        ) throws(IdentityStatus.Failure) -> Answer {
            do throws(IdentityStatus.Failure) {
                return try attempt(name, request)
            } catch  where error.reason == .unreachable {
                return try attempt(name, request)
            }
        }

        private func attempt<Request: SwiftProtobuf.Message, Answer: SwiftProtobuf.Message>(
            _ name: String, _ request: Request
        ) throws(IdentityStatus.Failure) -> Answer {
            let (client, method) = (client, method(name))
            let result = Monitor<Result<Answer, IdentityStatus.Failure>?>(nil)
            let task = Task(executorPreference: executor) {
                do {
                    let answer: Answer = try await client.unary(
                        request: ClientRequest(message: request), descriptor: method,
                        serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Answer>(),
                        options: Self.options
                    ) { try $0.message }
                    result.update { $0 = .success(answer) }
                } catch {
                    result.update { $0 = .failure(Self.failure(error)) }
                }
            }
            guard let answer = result.wait(until: .now + Self.timeout, for: { $0 }) else {
                task.cancel()
                throw IdentityStatus.Failure(.timeout, "\(name): no answer within \(Self.timeout.shortText)")
            }
            return try answer.get()
        }

        private func method(_ name: String) -> MethodDescriptor {
            MethodDescriptor(fullyQualifiedService: Self.services[service.withLock { $0 }], method: name)
        }

        private static var options: CallOptions {
            var options = CallOptions.defaults
            options.waitForReady = false
            options.maxResponseMessageBytes = longestAnswer
            return options
        }

        private static func failure(_ error: any Error) -> IdentityStatus.Failure {
            guard let error = error as? RPCError else { return IdentityStatus.Failure(.malformed, "\(error)") }
            let reason: IdentityStatus.Reason =
                switch error.code {
                case .unavailable: .unreachable
                case .deadlineExceeded, .cancelled: .timeout
                case .permissionDenied, .unauthenticated: .denied
                case .internalError, .invalidArgument, .dataLoss, .outOfRange: .malformed
                default: .refused
                }
            return IdentityStatus.Failure(reason, error.message.isEmpty ? error.code.description : error.message)
        }
    }
#endif
