// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP

extension HTTPTarget {
    /// Reads the value of an argument.
    ///
    /// - Parameters:
    ///   - text: the value.
    ///   - argument: whose value it is, for errors.
    ///   - port: of a text without a scheme and a port.
    ///   - path: of a text that has none.
    init(_ text: String, argument: String, port: UInt16, path: String) throws(SinkArgumentError) {
        do throws(Mistake) {
            try self.init(text, port: port, path: path)
        } catch {
            switch error {
            case .form(let message): throw SinkArgumentError(argument, message)
            case .credentials:
                throw SinkArgumentError(argument, "holds credentials; give username and passwordFile instead")
            }
        }
    }
}
