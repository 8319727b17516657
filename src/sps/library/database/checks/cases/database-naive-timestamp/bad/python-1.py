class Order(Base):
    created_at = Column(DateTime, default=now)
