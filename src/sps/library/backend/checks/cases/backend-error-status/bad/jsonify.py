def pay(order):
    if not order.open:
        return jsonify({"error": "closed"}), 200
    return jsonify(order)
