"""Stakes: from payoffs to whole amounts of money, and the proof in integers of what they keep."""
