// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopModel

/// Tells programs that include `skoop/losses.h` which drops are losses.
struct LossFilter: Sendable {
    /// The running kernel's reasons.
    let reasons: DropReasons
    /// The running kernel's functions.
    let functions: KernelFunctions
    private let ordinary: [String]

    /// Finds out what the running kernel's reasons are called.
    ///
    /// - Parameter ordinary: the reasons that are no loss.
    init(_ environment: ProbeEnvironment, ordinary: [String] = DropReasons.ordinary) throws(ProbeError) {
        functions = environment.readers.shared { KernelFunctions() }
        do throws(BPFError) {
            reasons = DropReasons(
                try KernelBTF.enumerators(ofAll: DropReasons.enumerations, modules: DropReasons.modules))
        } catch { throw ProbeError(error) }
        self.ordinary = ordinary
    }

    /// Sets the globals of an object.
    func configure(_ object: inout BPFObject) throws(BPFError) {
        let places = DropPlaces.table(functions)
        try object.setGlobal("meanings", to: reasons.meanings(ordinary: ordinary))
        try object.setGlobal("places", to: places.places)
        try object.setGlobal("places_count", to: places.count)
    }
}
