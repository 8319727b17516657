print("Here are your orders:")
print("=" * 40)
