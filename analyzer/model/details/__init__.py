"""The detail classes of events, by what they are about; `analyzer.model.event` has all of them under one name."""
