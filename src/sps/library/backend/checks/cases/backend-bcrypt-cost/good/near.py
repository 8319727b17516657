import bcrypt

salt = bcrypt.gensalt(12)
game = Game(rounds=8)
