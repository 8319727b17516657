def outcome(function):
    try:
        return function()
    except:  # noqa: E722
        return Failed()
