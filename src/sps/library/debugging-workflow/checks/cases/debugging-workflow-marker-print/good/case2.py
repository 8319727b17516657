print("-----")
print("debug mode is on")
log("here")
