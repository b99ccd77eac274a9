// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import SkoopSystem

    extension HTTPError {
        /// Why a server cannot be asked; all of it may pass.
        static func transport(_ error: any Error) -> HTTPError {
            switch error {
            case HTTPExchangeError.timeout, ChannelError.connectTimeout:
                HTTPError(.timeout, "it did not answer in time")
            case HTTPExchangeError.closed, is ChannelError, NIOSSLError.uncleanShutdown:
                HTTPError(.unreachable, "it closed the connection")
            case HTTPParserError.invalidEOFState: HTTPError(.unreachable, "the answer was cut off")
            case is HTTPParserError: HTTPError(.unreachable, "what listens there does not speak HTTP")
            case HTTPExchangeError.tooLarge: HTTPError(.tooLarge, "the answer is too long")
            case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
                HTTPError(
                    .untrusted,
                    "its certificate is not trusted: none of the authorities of the given file, or else of the system, "
                        + "stands behind it, or it is not valid now")
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                HTTPError(.untrusted, "its certificate is for other names")
            default: HTTPError(.unreachable, cause(error))
            }
        }

        private static func cause(_ error: any Error) -> String {
            switch error {
            case let error as NIOConnectionError:
                if let failure = error.connectionErrors.first { return cause(failure.error) }
                return "no address of '\(error.host)' can be found"
            case let error as IOError: return SystemError("connect", errno: error.errnoCode).description
            case NIOSSLError.handshakeFailed(let reason): return "no TLS: \(reason)"
            default: return "\(error)"
            }
        }
    }
#endif
