import json
import pickle


def job(payload):
    return json.loads(payload), pickle.dumps(payload)
