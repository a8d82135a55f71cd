"""What was on the wire: connections, exchanges and protocols, and which call is behind each."""
