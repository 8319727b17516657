class Order(Base):
    meta = Column(JSON, default=dict, nullable=False)
    note = Column(Text, default=None, info={"shown": True})
