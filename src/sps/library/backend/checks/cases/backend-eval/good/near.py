def compute(model, session):
    model.eval()
    return session.exec("select 1")
