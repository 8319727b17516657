class Order(Base):
    meta = Column(JSON, default={}, nullable=False)
