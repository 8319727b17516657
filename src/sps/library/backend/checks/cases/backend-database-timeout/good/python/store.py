from sqlalchemy import create_engine

engine = create_engine(settings.url, connect_args={"connect_timeout": 1, "options": "-c statement_timeout=5000"})
