def read(user, doc):
    assert doc is not None and user.has_perm("docs.read", doc)
    return doc.body
