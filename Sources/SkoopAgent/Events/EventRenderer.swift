// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopModel

/// Writes what a watcher reads in the style that it asked for.
struct EventRenderer: Sendable {
    private let style: EventRequest.Style
    private let epoch: String
    private var encoder = EventEncoder()
    private var text: EventText

    init(_ request: EventRequest, _ stream: EventStream) {
        style = request.style
        epoch = String(stream.epoch, radix: 36)
        text = EventText(isColoured: request.isColoured)
    }

    /// Something without meaning, by which both sides notice that the other is gone.
    var heartbeat: String {
        switch style {
        case .sse: ": heartbeat\n\n"
        // Blanks before a value are none of JSON's business; an empty line would be.
        case .json: " "
        case .text: ""
        }
    }

    /// The bytes of an item.
    mutating func render(_ item: EventCursor.Item) -> [UInt8] {
        switch (item, style) {
        case (.event(let event, let number), .sse):
            Array("id: \(epoch)-\(number)\ndata: ".utf8) + encoder.encode(event) + Array("\n\n".utf8)
        case (.event(let event, _), .json): Array(encoder.encode(event)) + [UInt8(ascii: "\n")]
        case (.event(let event, _), .text): Array(text.line(event).utf8) + [UInt8(ascii: "\n")]
        case (.missed(let count), .sse): Array("event: gap\ndata: {\"missed\":\(count)}\n\n".utf8)
        case (.missed(let count), .json): Array("{\"missed\":\(count)}\n".utf8)
        case (.missed(let count), .text): Array("… \(counted(count, "event was", "events were")) missed\n".utf8)
        }
    }
}
