rows = select(Post).order_by(Post.id).limit(50).offset(page * 50)
