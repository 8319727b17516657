x = f() if (a if c else b) else 3
