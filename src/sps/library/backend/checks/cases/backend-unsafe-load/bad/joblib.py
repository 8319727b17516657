import joblib

model = joblib.load("model.bin")
