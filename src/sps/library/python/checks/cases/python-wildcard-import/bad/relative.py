import os
from .models import *

class Store:
    root = os.sep
