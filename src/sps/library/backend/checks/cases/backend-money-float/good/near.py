class Order(Base):
    weight = Column(Float)
    amount = compute(Float)
