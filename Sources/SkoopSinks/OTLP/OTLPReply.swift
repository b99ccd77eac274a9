// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopHTTP

extension HTTPReply {
    /// What became of so many events, of `ExportLogsServiceResponse`: a receiver may have taken a part of them only.
    func otlpReceipt(count: Int) -> SinkReceipt {
        guard isProtobuf, case .bytes(let partial)? = field(1, of: body[...]),
            case .number(let number)? = field(1, of: partial), number > 0
        else { return SinkReceipt(delivered: count) }
        let rejected = Int(clamping: min(number, UInt64(count)))
        var message = "the receiver did not want \(rejected) of \(count) events"
        if case .bytes(let text)? = field(2, of: partial), !text.isEmpty {
            message += ": \(String(decoding: text.prefix(200), as: UTF8.self))"
        }
        // The answer does not say which ones.
        return SinkReceipt(
            delivered: count - rejected, lost: [SinkError.Reason.refused.rawValue: rejected],
            error: SinkError(.refused, message, events: 0))
    }

    /// The message of a `google.rpc.Status`, which failures carry; nil where there is none.
    var otlpMessage: String? {
        guard isProtobuf else { return nil }
        guard case .bytes(let text)? = field(2, of: body[...]) else { return "" }
        return String(decoding: text, as: UTF8.self)
    }

    private var isProtobuf: Bool { contentType.hasPrefix("application/x-protobuf") }

    private func field(_ number: UInt64, of message: ArraySlice<UInt8>) -> ProtobufReader.Value? {
        var reader = ProtobufReader(message)
        var found: ProtobufReader.Value?
        while let (field, value) = reader.next() { if field == number { found = value } }
        return found
    }
}
