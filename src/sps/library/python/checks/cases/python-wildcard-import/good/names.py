from math import pi, sqrt
import os as system

def area(r):
    return pi * r * r
