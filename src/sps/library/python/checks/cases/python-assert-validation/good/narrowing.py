def text(node: Node | None) -> str:
    assert node is not None, "set by the caller"
    assert isinstance(node, Leaf), node
    assert node.start <= node.end
    return node.text
