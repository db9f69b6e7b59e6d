"""What measures and proves the service from its outside: the main job over HTTP, and speed beside a floor."""
