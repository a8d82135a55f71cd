"""Reading wheels and sdists without trusting them, and hostile text made fit for a message.

What fetches packages and what reads their files both stand on it.
"""
