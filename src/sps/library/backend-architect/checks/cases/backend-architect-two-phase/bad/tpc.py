def both(first, second, xid):
    first.tpc_begin(xid)
    second.tpc_begin(xid)
