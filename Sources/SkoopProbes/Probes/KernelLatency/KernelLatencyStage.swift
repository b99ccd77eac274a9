// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel

/// The way of a packet through the IP layer; the raw value is the kernel program's number.
enum KernelLatencyDirection: UInt32, Sendable, CaseIterable {
    case receive, send, forward

    /// The value of the label `direction`.
    var label: String {
        switch self {
        case .receive: "rx"
        case .send: "tx"
        case .forward: "forward"
        }
    }

    /// The stages of the way, in the order of the event's fields.
    var stages: [KernelLatencyStage] {
        switch self {
        case .receive: [.prerouting, .route, .localIn]
        case .send: [.localOut, .postrouting, .neighbour]
        case .forward: [.prerouting, .route, .forward, .postrouting, .neighbour]
        }
    }

    /// What is reported of a packet that was slow.
    var event: KernelLatencyEvent {
        switch self {
        case .receive: .received
        case .send: .sent
        case .forward: .forwarded
        }
    }
}

/// A part of the way; the raw value is the kernel program's number.
enum KernelLatencyStage: UInt32, Sendable, CaseIterable {
    case prerouting, route, localIn, forward, localOut, postrouting, neighbour

    /// KubeSkoop's name where it has the stage; the value of the label `stage`.
    var label: String {
        switch self {
        case .prerouting: "PREROUTING"
        case .route: "ROUTE"
        case .localIn: "LOCAL_IN"
        case .forward: "FORWARD"
        case .localOut: "LOCAL_OUT"
        case .postrouting: "POSTROUTING"
        case .neighbour: "NEIGHBOUR"
        }
    }
}
