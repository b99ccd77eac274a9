// SPDX-License-Identifier: Apache-2.0
import Foundation
import PackagePlugin

@main
struct BPFObjects: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] { [] }
}
