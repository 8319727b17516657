<<<<<<< HEAD
LIMIT = 5
=======
LIMIT = 6
>>>>>>> feature
