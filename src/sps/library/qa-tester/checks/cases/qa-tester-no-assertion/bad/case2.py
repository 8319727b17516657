class TestCart:
    def test_add(self):
        cart = Cart()
        cart.add("x")
