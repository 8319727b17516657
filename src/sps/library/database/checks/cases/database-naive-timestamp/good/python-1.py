class Order(Base):
    created_at = Column(DateTime(timezone=True), server_default=func.now())
