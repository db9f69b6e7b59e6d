"""Learning paths: articles in an order with a quiz at the end, who has passed them, and who guides whom."""
