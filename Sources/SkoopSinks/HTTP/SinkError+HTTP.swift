// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP

extension SinkError {
    /// Why a server gave no answer; all of it may pass.
    init(_ error: HTTPError, from target: HTTPTarget) {
        switch error.reason {
        case .credentials: self.init(.unauthorized, "\(error)")
        case .certificates: self.init(.unreachable, "\(error)")
        case .unreachable, .untrusted: self.init(.unreachable, "\(target): \(error)")
        case .timeout: self.init(.timeout, "\(target): \(error)")
        case .tooLarge: self.init(.failed, "\(target): \(error)")
        }
    }
}
