db = connect(user="orders", password="Tr0ub4dor&3")
