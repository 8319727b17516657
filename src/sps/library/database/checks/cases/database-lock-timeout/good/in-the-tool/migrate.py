OPTIONS = "-c lock_timeout=2000"  # postgres
