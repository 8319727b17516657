def read(user, doc):
    assert doc is not None
    assert isinstance(user, User)
    return doc.body if user.has_perm("docs.read", doc) else None
