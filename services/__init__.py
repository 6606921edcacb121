"""What a person may do: every rule of access, money and privacy."""
