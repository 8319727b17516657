class Order(Base):
    price = Column(Float, nullable=False)
