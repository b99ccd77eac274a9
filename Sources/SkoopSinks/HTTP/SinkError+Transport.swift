// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    import NIOPosix
    import NIOSSL
    import SkoopEvents
    import SkoopSystem

    extension SinkError {
        /// Why a server cannot be asked; all of it may pass.
        static func transport(_ error: any Error, to target: HTTPTarget) -> SinkError {
            switch error {
            case HTTPExchangeError.timeout, ChannelError.connectTimeout:
                SinkError(.timeout, "\(target) did not answer in time")
            case HTTPExchangeError.closed, is ChannelError, NIOSSLError.uncleanShutdown:
                SinkError(.unreachable, "\(target) closed the connection")
            default: SinkError(.unreachable, "\(target): \(cause(error))")
            }
        }

        private static func cause(_ error: any Error) -> String {
            switch error {
            case let error as NIOConnectionError:
                if let failure = error.connectionErrors.first { return cause(failure.error) }
                return "no address of '\(error.host)' can be found"
            case let error as IOError: return SystemError("connect", errno: error.errnoCode).description
            case NIOSSLError.handshakeFailed(let reason):
                let text = "\(reason)"
                return text.utf8.contains(sequence: "CERTIFICATE_VERIFY_FAILED".utf8)
                    ? "its certificate is not trusted: none of the authorities of caFile, or else of the system, stands "
                        + "behind it, or it is not valid now"
                    : "no TLS: \(text)"
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                return "its certificate is for other names"
            default: return "\(error)"
            }
        }
    }
#endif
