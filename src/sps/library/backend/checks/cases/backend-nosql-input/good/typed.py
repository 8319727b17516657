def login(db, request):
    command = Login.model_validate(request.json)
    return db.users.find_one({"name": {"$eq": command.name}})
