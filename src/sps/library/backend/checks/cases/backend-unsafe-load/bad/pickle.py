import pickle


def job(payload):
    return pickle.loads(payload)
