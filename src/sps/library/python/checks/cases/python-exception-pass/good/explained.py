def hint(user):
    try:
        telemetry.count("seen")
    except Exception:
        pass  # telemetry must never stop a request; its own log has the error
