def login(db, request):
    return db.users.find_one({"name": request.json["name"], "password": request.json["password"]})
