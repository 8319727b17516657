def pay(order):
    return jsonify({"error": "closed"}), 409
