async def visit(node, *, visited=set()):
    visited.add(node)
