import Foundation

extension Cache: @unchecked Sendable {}
