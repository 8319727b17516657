created = Column(DateTime, default=datetime.utcnow)
