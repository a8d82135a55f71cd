"""Imports a package's modules, and calls what they define, in the package's own process.

All of it runs beside hostile code: what that may have changed is taken at the start (`kept.py`), its objects are looked at through the
interpreter's own accessors where there are some, and everything else that touches them is done where whatever they raise is caught.
Standard library only, and little of it, so that the package meets a nearly bare interpreter (3.9 and later).
"""
