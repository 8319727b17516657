class Order(Base):
    gift_note = Column(Text, nullable=True)
