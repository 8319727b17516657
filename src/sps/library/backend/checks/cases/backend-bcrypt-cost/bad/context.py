from passlib.context import CryptContext

context = CryptContext(schemes=["bcrypt"], bcrypt__rounds=10)
