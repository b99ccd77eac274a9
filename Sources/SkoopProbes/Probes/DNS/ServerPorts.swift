// SPDX-License-Identifier: Apache-2.0

/// Up to four ports that servers listen on, as the program has them: 0 where there are fewer.
struct ServerPorts: BitwiseCopyable, Hashable {
    private var ports: (UInt16, UInt16, UInt16, UInt16) = (53, 0, 0, 0)

    /// Reads the argument; without it, port 53.
    init(_ argument: ArgumentValue?) throws(ProbeError) {
        guard case .list(let texts)? = argument else { return }
        var numbers: [UInt16] = []
        for text in texts {
            guard let number = UInt16(text), number > 0 else {
                throw ProbeError(.invalidArgument, "ports: '\(text)', allowed: 1 to 65535")
            }
            numbers.append(number)
        }
        guard (1...4).contains(numbers.count) else {
            throw ProbeError(.invalidArgument, "ports: \(numbers.count) ports, allowed: 1 to 4")
        }
        numbers += repeatElement(0, count: 4 - numbers.count)
        ports = (numbers[0], numbers[1], numbers[2], numbers[3])
    }

    static func == (one: ServerPorts, other: ServerPorts) -> Bool { one.ports == other.ports }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ports.0)
        hasher.combine(ports.1)
        hasher.combine(ports.2)
        hasher.combine(ports.3)
    }
}
