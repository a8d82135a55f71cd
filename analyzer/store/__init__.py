"""What a run left behind: records, from which everything that is judged is derived."""
