"""Its interpreter runs what was dropped before it comes here."""


def main():
    pass
