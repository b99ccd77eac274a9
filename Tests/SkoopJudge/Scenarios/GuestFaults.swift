// SPDX-License-Identifier: Apache-2.0
import SkoopLab

extension LabScenario {
    /// What needs the network card of the guests of `make test-kernels` whose hypervisor takes its time.
    public static let guestFaults: [LabScenario] = [
        LabScenario("healthy: virtio commands are answered at once", reach: .machine) { stage in
            let card = try VirtioCard()
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(100...500)) { try card.setPairs(1) }
            }
        },
        LabScenario("virtio commands are answered late", "virtio-command", reach: .machine) { stage in
            let card = try VirtioCard()
            try stage.fault {
                // The customer's round trips took more than 300 ms.
                try card.setPairs(card.pairs)
                try stage.repeating(every: stage.milliseconds(200...800)) {
                    try card.setPairs([1, stage.any(2...card.pairs)], every: .zero)
                }
            }
            try card.setPairs(1)
        },
    ]
}
