rows = select(Post).where(Post.id < last).order_by(Post.id.desc()).limit(50)
start = buffer.offset(10)
text = "limit the offset of the beam"
