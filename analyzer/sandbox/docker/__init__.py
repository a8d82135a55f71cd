"""The Docker sandbox: images, containers, and the engine that runs them."""
