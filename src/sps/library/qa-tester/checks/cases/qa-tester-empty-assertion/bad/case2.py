def test_pair():
    assert (run() == 1, "should be one")


class T(TestCase):
    def test_x(self):
        self.assertEqual(1, 1)
